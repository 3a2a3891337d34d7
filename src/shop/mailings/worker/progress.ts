import { sql as q } from 'kysely'
import { mailingsSql } from '../tables.ts'
import { mailingColumns, pauseMailing, readMailing } from '../mailings.ts'
import type { Mailing } from '../mailings.ts'
import { mailingCard, reasonWords } from '../card.ts'
import { recordFee } from '../fee.ts'
import type { Context } from '#shared/context.ts'
import { tellChange } from '#shared/changes.ts'
import type { Sql } from '#shared/db/db.ts'
import { Transient, explain } from '#shared/errors.ts'
import { owePersonNotice } from '#shared/notices.ts'
import { isSomeCard } from '#shared/money/cards.ts'
import { botTexts, readerOf } from '#shared/reader.ts'
import { done, later } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { closeMailing } from '../jobs.ts'
import { owe } from '#shared/queue/outbox.ts'
import { telegramError } from '#shared/telegram/errors.ts'
import { putScreenBack } from '#shared/telegram/over-card.ts'
import type { Drawn } from '#shared/telegram/over-card.ts'
import { doubtRest } from './claim.ts'
import { inLanguages } from '#shared/i18n/languages.ts'
import { NOW } from '#shared/db/build.ts'

type App = Pick<Context, 'db' | 'bots' | 'secrets' | 'texts' | 'settings' | 'log' | 'relay'>

const EVERY_MS = 5_000
/** A worker may still be sending the last messages of a cancelled mailing: look again after 3 s. */
const LOOK_AGAIN_MS = 3_000

/** Redraws the live message, at most once in 5 s over all lanes; the rate is what was done since the last time. */
export async function drawProgress(app: App, id: string): Promise<void> {
  const [mailing] = await app.db.rows(
    mailingsSql
      .updateTable('broadcasts')
      .set({
        drawn_at: NOW,
        drawn_done: q`sent + blocked + failed + uncertain`,
        rate: q`case when drawn_at is null then 0 else greatest(0, (sent + blocked + failed + uncertain - drawn_done)
          / greatest(0.001, extract(epoch from now() - drawn_at))) end`,
      })
      .where('id', '=', id)
      .where('card', 'is not', null)
      .where(q<boolean>`coalesce(drawn_at, '-infinity') < now() - ${EVERY_MS} * interval '1 millisecond'`)
      .returning(mailingColumns),
  )
  if (!mailing) return
  await draw(app, mailing)
  // An edit that was under way while the mailing ended or was paused must not have the last word.
  const now = await readMailing(app.db, id)
  if (now && now.state !== mailing.state) await draw(app, now)
  await tellChange(app.db, mailing.createdBy)
}

/** The live message is a convenience: when it cannot be drawn, the mailing goes on. */
export async function draw(app: App, mailing: Mailing): Promise<void> {
  await redraw(app, mailing).catch((error: unknown) =>
    app.log.debug(
      { mailing: mailing.id, reason: explain(error) },
      'the progress of a mailing could not be drawn',
    ),
  )
}

async function redraw(app: App, mailing: Mailing): Promise<void> {
  const bot = app.bots.get(mailing.bot)
  if (!bot || !mailing.card) return
  const { chatId, messageId } = mailing.card
  const place = { bot: mailing.bot, personId: mailing.createdBy, messageId }
  const edit = ({ text, around }: Drawn) => bot.notices.editMessageText(chatId, messageId, text, around)
  // An admin who has gone on in this message works there, and finds the mailing in its list.
  if (await putScreenBack(app, place, edit)) return
  if (await isSomeCard(app.db, { bot: mailing.bot, chatId, messageId })) return
  const reader = await readerOf(app, mailing.bot, mailing.createdBy)
  const { text, keyboard: inline_keyboard } = mailingCard(app, reader, mailing)
  const around = {
    parse_mode: 'HTML' as const,
    link_preview_options: { is_disabled: true },
    reply_markup: { inline_keyboard },
  }
  try {
    await edit({ text, around })
  } finally {
    await putScreenBack(app, place, edit)
  }
}

/** A mailing that cannot go on waits, and its admin, who may be asleep, reads why. */
export async function pauseItself(
  app: App,
  { id, bot, createdBy, generation }: Mailing,
  reason: string,
): Promise<void> {
  const texts = await botTexts(app, bot)
  const paused = await app.db.tx(async (tx) => {
    if (!(await pauseMailing(tx, id, { reason, generation }))) return false
    await owePersonNotice(tx, {
      key: `broadcast-waits-${id}-${generation}`,
      bot,
      personId: createdBy,
      text: 'broadcast-waits',
      params: { reason: inLanguages((language) => reasonWords(texts, language, reason)) },
      buttons: [[['broadcast-open', 'b-page', id]]],
    })
    return true
  })
  if (!paused) return
  app.log.error({ mailing: id, reason }, 'the mailing is paused')
  app.relay.kick()
}

/**
 * Closes a mailing that is over: keeps what Telegram took for it, and draws the live message for the last time, also
 * when the chat has had too many messages just then.
 * @throws Transient
 */
export async function close(app: App, id: string): Promise<Verdict> {
  const mailing = await readMailing(app.db, id)
  if (!mailing) return done
  if (mailing.state === 'cancelled' && !(await doubtRest(app.db, id)))
    return later(LOOK_AGAIN_MS, 'what is under way has not ended')
  if (mailing.fee && mailing.fee.nanostars === undefined) {
    await recordFee(app.db, app.bots, id, mailing.fee)
  }
  try {
    await redraw(app, (await readMailing(app.db, id))!)
  } catch (error) {
    const meaning = telegramError(error)
    if (meaning instanceof Transient) throw meaning
    app.log.debug({ mailing: id, reason: explain(error) }, 'the end of a mailing could not be drawn')
  }
  await tellChange(app.db, mailing.createdBy)
  return done
}

/**
 * Ends a mailing whose numbers are all given out and whose ranges are all done: exactly one lane gets to do it.
 * @returns false when others are still at work
 */
export async function finishMailing(app: App, { id }: Mailing): Promise<boolean> {
  const ended = await app.db.tx(async (tx) => {
    const [mailing] = await tx.rows(
      mailingsSql
        .updateTable('broadcasts')
        .set({ state: 'done', finished_at: NOW })
        .where('id', '=', id)
        .where('state', '=', 'running')
        .whereRef('next_number', '>', 'total')
        .where(q<boolean>`not exists (select from broadcast_leases where broadcast_id = ${id})`)
        .returning(mailingColumns),
    )
    if (!mailing) return false
    const late = await keptForTheirAge(tx, mailing)
    const seconds = mailing.startedAt ? (Date.now() - mailing.startedAt.getTime()) / 1000 : 0
    await owePersonNotice(tx, {
      key: `broadcast-done-${id}`,
      bot: mailing.bot,
      personId: mailing.createdBy,
      text: `broadcast-report-${mailing.action}`,
      params: {
        total: mailing.total,
        sent: mailing.sent,
        blocked: mailing.blocked,
        failed: mailing.failed,
        uncertain: mailing.uncertain,
        late,
        minutes: Math.round(seconds / 60),
      },
      buttons: [[['broadcast-open', 'b-page', id]]],
    })
    await owe(tx, closeMailing, { broadcastId: id, bot: mailing.bot })
    return true
  })
  if (ended) app.relay.kick()
  return ended || !(await runs(app, id))
}

/** Telegram's words for a message of more than 48 hours in a chat with a person (TDLib, delete_messages). */
const TOO_OLD = "message can't be deleted for everyone"

/** How many messages a deletion could not touch because of their age; its page says so from now on. */
async function keptForTheirAge(tx: Sql, { id, action, parentId, failed }: Mailing): Promise<number> {
  if (action !== 'delete' || failed === 0) return 0
  const [row] = await tx.rows(
    mailingsSql
      .selectFrom('broadcast_recipients')
      .select(({ fn }) => fn.countAll<bigint>().as('count'))
      .where('broadcast_id', '=', parentId)
      .where('state', 'in', ['sent', 'edited'])
      .where('reason', 'like', `%${TOO_OLD}%`),
  )
  const late = Number(row!.count)
  if (late > 0)
    await tx.rows(mailingsSql.updateTable('broadcasts').set({ reason: 'too-old' }).where('id', '=', id))
  return late
}

async function runs(app: App, id: string): Promise<boolean> {
  const [row] = await app.db.rows(mailingsSql.selectFrom('broadcasts').select('state').where('id', '=', id))
  return row?.state === 'running'
}
