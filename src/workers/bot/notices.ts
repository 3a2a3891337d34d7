import { changeOfSession } from '#shared/people.ts'
import { NOW } from '#shared/db/build.ts'
import { tellChange } from '#shared/changes.ts'
import type { Context } from '#shared/context.ts'
import { Transient } from '#shared/errors.ts'
import { done, later } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { sendNotice } from '#shared/queue/jobs/notices.ts'
import type { Notice } from '#shared/queue/jobs/notices.ts'
import { owe } from '#shared/queue/outbox.ts'
import { EFFECTS, paidEffect } from '#shared/settings/effects.ts'
import { readerOf } from '#shared/reader.ts'
import { reachableBot } from '#shared/reachable.ts'
import type { Run } from '#shared/queue/executor.ts'
import { TokenRevoked, Unreachable, isEffectRefused, telegramError } from '#shared/telegram/errors.ts'
import { sayHowItEnded } from './ended-card.ts'
import { findBot, withoutBot } from './find-bot.ts'
import { noticeAsks } from './former-card.ts'
import { composed, sendComposed } from './notice-words.ts'
import { teamOf, tellTeam } from './team.ts'

const REVOKED_MS = 15_000
/** The messages that money has come. */
const PAID = new Set(['paid-notice', 'deposit-notice'])

/** Sends a message that a person was owed, in the language that they read in that bot, and closes its old card. */
export async function deliverNotice(app: Context, notice: Notice, run: Run): Promise<Verdict> {
  if (!run.sealed) {
    run.log.error(
      { bot: notice.bot, text: notice.text },
      'a message without our seal that the database does not owe is not sent',
    )
    return done
  }
  const personId = BigInt(notice.personId)
  await tellChange(app.db, personId)
  const bot = await findBot(app, notice.bot)
  if (!bot) {
    const verdict = await withoutBot(app, notice.bot)
    if (verdict.verdict === 'done') await tellElsewhere(app, notice, personId)
    return verdict
  }
  const team = teamOf(notice)
  if (team) return await tellTeam(app, bot, notice, team, run)
  const { text, words, keyboard } = composed(app, await readerOf(app, notice.bot, personId), notice, personId)
  try {
    const { card } = notice
    if (card) await sayHowItEnded(app, { ...notice, card }, words(card.text))
    const send = (effect?: string) =>
      sendComposed(
        bot.notices,
        Number(personId),
        { text, keyboard, file: notice.file },
        {
          disable_notification: notice.silent,
          ...(effect && { message_effect_id: effect }),
        },
      )
    const effect = PAID.has(notice.text) ? EFFECTS[await app.settings.get(paidEffect, bot.name)] : undefined
    const messageId = await send(effect).catch((error: unknown) => {
      // Telegram may take an effect out of use: the words are owed all the same.
      if (effect === undefined || !isEffectRefused(error)) throw error
      return send()
    })
    const { asksFor: orderId } = notice
    if (orderId !== undefined) await noticeAsks(app.db, { bot: notice.bot, personId }, { orderId, messageId })
    return done
  } catch (error) {
    const meaning = telegramError(error)
    if (meaning instanceof Unreachable) {
      await app.db.rows(
        changeOfSession({ bot: notice.bot, personId }).set(({ fn }) => ({
          blocked_at: fn.coalesce('blocked_at', NOW),
        })),
      )
      run.log.info(
        { bot: notice.bot, reason: meaning.code },
        'the person does not take messages from this bot',
      )
      return done
    }
    if (meaning instanceof TokenRevoked) {
      if (!bot.closing) return later(REVOKED_MS, meaning.message)
      await tellElsewhere(app, notice, personId)
      return done
    }
    throw meaning instanceof Transient ? meaning : error
  }
}

/** A message owed by a removed bot is sent by another bot that the person knows. */
async function tellElsewhere(app: Context, notice: Notice, personId: bigint): Promise<void> {
  const other = await reachableBot(app.db, personId, null)
  if (!other) return
  const { card: _, team: __, topic: ___, file: ____, asksFor: _____, ...rest } = notice
  await owe(app.db, sendNotice, { ...rest, key: `${notice.key}-elsewhere`, bot: other.bot })
}
