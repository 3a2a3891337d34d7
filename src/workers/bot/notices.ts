import { sql as q } from 'kysely'
import { changeOfSession } from '#shared/people.ts'
import { NOW } from '#shared/db/build.ts'
import type { InlineKeyboardButton } from 'grammy/types'
import { tellChange } from '#shared/changes.ts'
import type { Context } from '#shared/context.ts'
import type { Sql } from '#shared/db/db.ts'
import { explain, Transient } from '#shared/errors.ts'
import { inHtml, money } from '#shared/i18n/format.ts'
import type { TextParams } from '#shared/i18n/texts.ts'
import { done, later } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { sendNotice } from '#shared/queue/jobs/notices.ts'
import type { Notice } from '#shared/queue/jobs/notices.ts'
import { owe } from '#shared/queue/outbox.ts'
import { EFFECTS, paidEffect } from '#shared/settings/effects.ts'
import { providerName, readerOf } from '#shared/reader.ts'
import type { Reader } from '#shared/reader.ts'
import { adminsOf } from '#shared/roles.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { reachableBot } from '#shared/reachable.ts'
import type { Run } from '#shared/queue/executor.ts'
import {
  TokenRevoked,
  Unreachable,
  cannotBeEdited,
  isEffectRefused,
  isGroupLost,
  isNotModified,
  telegramError,
} from '#shared/telegram/errors.ts'
import { callbackButton, pack } from '#shared/telegram/buttons.ts'
import { findBot, withoutBot } from './find-bot.ts'

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
  const reader = await readerOf(app, notice.bot, personId)
  const target = Number(notice.topic?.chat ?? personId)
  const { texts, language } = reader
  const words = (key: string, params = notice.params) => texts.t(language, key, noticeWords(reader, params))
  const text = [words(notice.text), ...(notice.list ?? []).map((one) => words(one.text, one.params))].join(
    '\n\n',
  )
  const onKey = (key: string) => texts.t(language, key, written(reader, notice.params))
  const keyboard: InlineKeyboardButton[][] = [
    ...(notice.links ?? []).map(({ text: key, url }) => [{ text: onKey(key), url }]),
    ...(notice.buttons ?? []).map((row) =>
      row.map(([key = '', ...route]) => {
        const [name = '', ...args] = route
        return callbackButton(onKey(key), pack(app.secrets, BigInt(target), name, ...args))
      }),
    ),
  ]
  try {
    if (notice.card) {
      await bot.notices
        .editMessageText(notice.card.chatId, notice.card.messageId, words(notice.card.text), {
          parse_mode: 'HTML',
        })
        .catch((error: unknown) => {
          if (!isNotModified(error) && !cannotBeEdited(error)) throw error
        })
      await keepInChat(app.db, notice.bot, personId, notice.card.messageId)
    }
    const send = (effect?: string) =>
      bot.notices.sendMessage(target, text, {
        parse_mode: 'HTML',
        link_preview_options: { is_disabled: true },
        disable_notification: notice.silent,
        ...(keyboard.length > 0 && { reply_markup: { inline_keyboard: keyboard } }),
        ...(effect && { message_effect_id: effect }),
        ...(notice.topic && { message_thread_id: notice.topic.thread }),
      })
    const effect = PAID.has(notice.text) ? EFFECTS[await app.settings.get(paidEffect, bot.name)] : undefined
    await send(effect).catch((error: unknown) => {
      // Telegram may take an effect out of use: the words are owed all the same.
      if (effect === undefined || !isEffectRefused(error)) throw error
      return send()
    })
    return done
  } catch (error) {
    const meaning = telegramError(error)
    if (notice.topic && isGroupLost(error)) {
      await tellEachAdmin(app, bot, notice)
      run.log.warn({ bot: notice.bot, reason: explain(error) }, 'the group takes no alerts')
      return done
    }
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

/** No alert is lost with its group: the admins get it themselves. */
async function tellEachAdmin(app: Context, bot: ServedBot, lost: Notice): Promise<void> {
  const { topic: _, ...notice } = lost
  await app.db.tx(async (tx) => {
    for (const personId of await adminsOf(tx, bot, 'admin'))
      await owe(tx, sendNotice, {
        ...notice,
        key: `${notice.key}-${personId}`,
        personId: String(personId),
      })
  })
}

/** The card of a paid order stays in the chat with its number, so navigation must not edit that message any more. */
async function keepInChat(sql: Sql, bot: string, personId: bigint, messageId: number): Promise<void> {
  await sql.rows(
    changeOfSession({ bot, personId })
      .set({ session_data: q`session_data - 'anchor'` })
      .where(q<boolean>`session_data -> 'anchor' = to_jsonb(${messageId}::bigint)`),
  )
}

/** A message owed by a removed bot is sent by another bot that the person knows. */
async function tellElsewhere(app: Context, notice: Notice, personId: bigint): Promise<void> {
  const other = await reachableBot(app.db, personId, null)
  if (!other) return
  const { card: _, ...rest } = notice
  await owe(app.db, sendNotice, { ...rest, key: `${notice.key}-elsewhere`, bot: other.bot })
}

/** The variables of a notice, ready for its text. */
export const noticeWords = (reader: Named, params: Notice['params']): TextParams =>
  inHtml(written(reader, params))

type Named = Pick<Reader, 'texts' | 'language'>

/** The variables with sums formatted for the reader, and providers by the names that people know. */
function written(reader: Named, params: Notice['params']): TextParams {
  const { language } = reader
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [
      name,
      typeof value !== 'object'
        ? name === 'provider'
          ? providerName(reader, String(value))
          : value
        : 'amount' in value
          ? money(language, BigInt(value.amount), value.asset)
          : value[language],
    ]),
  )
}
