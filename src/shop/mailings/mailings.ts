import { sql as q } from 'kysely'
import { ago, anyOf, NOW } from '#shared/db/build.ts'
import type { Reads, Sql } from '#shared/db/db.ts'
import type { Card } from '#shared/money/tables.ts'
import { closeMailing, sendMailing, beginMailing } from './jobs.ts'
import { markDone, owe } from '#shared/queue/outbox.ts'
import { audienceSchema, recipients } from './audience.ts'
import type { Audience } from './audience.ts'
import { estimate, FEW, guessed, spreadNumbers } from './guess.ts'
import type { Reach } from './guess.ts'
import type { Contents } from './content.ts'
import { languagesOf } from './content.ts'
import { mailingsSql } from './tables.ts'
import type { Fee, Options } from './tables.ts'

export type MailingState = 'draft' | 'scheduled' | 'running' | 'paused' | 'done' | 'cancelled'
export type MailingAction = 'send' | 'delete' | 'edit'

/** A mailing, or the deletion or edit of one that was sent (`parentId`). */
export interface Mailing {
  id: string
  bot: string
  createdBy: bigint
  action: MailingAction
  parentId: string | null
  state: MailingState
  contents: Contents
  audience: Audience
  options: Options
  startAt: Date | null
  generation: number
  total: number
  nextNumber: number
  sent: number
  blocked: number
  failed: number
  uncertain: number
  /**
   * Why the mailing paused itself, became a draft again, or left something undone: a code of `broadcast-reason-*`, or
   * Telegram's words.
   */
  reason: string | null
  /** What Telegram took for a paid mailing. */
  fee: Fee | null
  card: Card | null
  /** Messages a second, as last measured. */
  rate: number
  createdAt: Date
  startedAt: Date | null
  finishedAt: Date | null
}

export const mailingColumns = [
  ...(['id', 'bot', 'created_by as createdBy', 'action', 'parent_id as parentId', 'state'] as const),
  ...(['contents', 'audience', 'options', 'start_at as startAt', 'generation', 'total'] as const),
  ...(['next_number as nextNumber', 'sent', 'blocked', 'failed', 'uncertain', 'reason', 'fee'] as const),
  ...(['card', 'rate', 'created_at as createdAt', 'started_at as startedAt'] as const),
  'finished_at as finishedAt',
] as const

/** A mailing is sent by so many lanes at the same time, each in any of the processes. */
export const LANES = 3

export async function createMailing(
  sql: Sql,
  draft: { id: string; bot: string; createdBy: bigint; action?: MailingAction; parentId?: string },
): Promise<void> {
  const { id, bot, createdBy, action = 'send', parentId = null } = draft
  const row = { id, bot, created_by: createdBy, action, parent_id: parentId }
  await sql.rows(
    mailingsSql
      .insertInto('broadcasts')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doNothing()),
  )
}

export async function readMailing(sql: Sql, id: string): Promise<Mailing | undefined> {
  const [row] = await sql.rows(
    mailingsSql.selectFrom('broadcasts').select(mailingColumns).where('id', '=', id),
  )
  return row && { ...row, audience: audienceSchema.parse(row.audience) }
}

/** Draft -> scheduled, with the job that starts it at its time. @returns false when it is no draft any more */
export async function scheduleMailing(tx: Sql, id: string): Promise<boolean> {
  const [row] = await tx.rows(
    mailingsSql
      .updateTable('broadcasts')
      .set(({ eb }) => ({ state: 'scheduled', reason: null, generation: eb('generation', '+', 1) }))
      .where('id', '=', id)
      .where('state', '=', 'draft')
      .returning(['bot', 'generation', 'start_at as startAt']),
  )
  if (!row) return false
  const { bot, generation, startAt } = row
  await owe(tx, beginMailing, { broadcastId: id, generation, bot }, { runAt: startAt ?? undefined })
  return true
}

/** Scheduled -> draft, because it cannot begin as it is. @returns false when it is not scheduled (any more) */
export async function sendBackToDraft(tx: Sql, id: string, reason: string): Promise<boolean> {
  const rows = await tx.rows(
    mailingsSql
      .updateTable('broadcasts')
      .set({ state: 'draft', reason })
      .where('id', '=', id)
      .where('state', '=', 'scheduled')
      .returning('id'),
  )
  return rows.length > 0
}

/**
 * How many messages an edit would change: those of the languages that it has words for.
 * @param among of the recipients with these numbers; all by default
 */
export async function countEditable(
  sql: Reads,
  parentId: string,
  languages?: string[],
  among?: number[],
): Promise<number> {
  let found = mailingsSql
    .selectFrom('broadcast_recipients')
    .select(({ fn }) => fn.countAll<bigint>().as('count'))
    .where('broadcast_id', '=', parentId)
    .where('state', 'in', ['sent', 'edited'])
  if (languages) found = found.where('language', '=', anyOf(languages))
  if (among) found = found.where('number', '=', anyOf(among))
  const [row] = await sql.rows(found)
  return Number(row!.count)
}

/**
 * Guesses that number while an admin writes the edit, because every press would read all recipients of the mailing. Of more
 * than 20,000 it looks at 2,000, one in each stretch of the list.
 */
export async function guessEditable(sql: Reads, parentId: string, languages?: string[]): Promise<Reach> {
  const [parent] = await sql.rows(
    mailingsSql.selectFrom('broadcasts').select('total').where('id', '=', parentId),
  )
  const total = parent?.total ?? 0
  if (total < FEW) return { count: await countEditable(sql, parentId, languages), isGuess: false }
  const numbers = spreadNumbers(total)
  return guessed(estimate(await countEditable(sql, parentId, languages, numbers), numbers.length / total))
}

/**
 * Scheduled -> running: every recipient is a row afterwards, written by one statement that also counts them.
 * A deletion or an edit has no recipients of its own: it goes through those of its parent.
 * @returns the number of recipients; undefined when it is not scheduled (any more)
 */
export async function planMailing(tx: Sql, mailing: Mailing): Promise<number | undefined> {
  const { id, action, parentId } = mailing
  // By hand where it sends: recipients are written and counted in one statement.
  const [row] =
    action === 'send'
      ? await tx.rows(q<{ total: number }>`
          with planned as (
            insert into broadcast_recipients (broadcast_id, number, person_id, bot, language)
            select ${id}, row_number() over (), person_id, bot, language
            from (${recipientsOf(mailing)}) audience
            where exists (select from broadcasts where id = ${id} and state = 'scheduled')
            returning 1
          )
          update broadcasts set state = 'running', started_at = now(), next_number = 1,
            total = (select count(*) from planned)
          where id = ${id} and state = 'scheduled' returning total`)
      : await tx.rows(
          mailingsSql
            .updateTable('broadcasts as b')
            .from('broadcasts as parent')
            .set((are) => ({
              state: 'running',
              started_at: NOW,
              next_number: 1,
              total: are.ref('parent.total'),
            }))
            .where('b.id', '=', id)
            .where('b.state', '=', 'scheduled')
            .where('parent.id', '=', parentId)
            .returning('b.total'),
        )
  return row?.total
}

function recipientsOf({ id, parentId, audience, bot, contents }: Mailing) {
  // By hand, because the other half is: see `recipients`. A build before did not write down whose the rows are.
  return parentId
    ? q`select person_id, bot, language from broadcast_recipients
        where broadcast_id = ${parentId} and state = 'resent' and (touched_by = ${id} or touched_by is null and not exists (
          select from broadcasts other
          where other.parent_id = ${parentId} and other.action = 'send' and other.id <> ${id}))`
    : recipients(audience, bot, languagesOf(contents))
}

/** Lets the lanes of this generation begin. */
export async function oweLanes(
  tx: Sql,
  { id, bot, generation }: Pick<Mailing, 'id' | 'bot' | 'generation'>,
): Promise<void> {
  for (let lane = 0; lane < LANES; lane++) {
    await owe(tx, sendMailing, { broadcastId: id, generation, lane, turn: 0, bot })
  }
}

/**
 * Running -> paused. A message that is being sent at this moment still goes out.
 * @param why.generation the generation of the lane that heard the reason: an answer from before a resume pauses nothing
 */
export async function pauseMailing(
  tx: Sql,
  id: string,
  why: { reason?: string; generation?: number } = {},
): Promise<boolean> {
  const pause = mailingsSql
    .updateTable('broadcasts')
    .set({ state: 'paused', reason: why.reason ?? null })
    .where('id', '=', id)
    .where('state', '=', 'running')
    .returning('id')
  const { generation } = why
  const rows = await tx.rows(generation === undefined ? pause : pause.where('generation', '=', generation))
  return rows.length > 0
}

/** Paused -> running. Pressed twice, one press wins and sets the lanes going once. */
export async function resumeMailing(tx: Sql, id: string): Promise<boolean> {
  const [row] = await tx.rows(
    mailingsSql
      .updateTable('broadcasts')
      .set(({ eb }) => ({
        state: 'running',
        reason: null,
        generation: eb('generation', '+', 1),
        drawn_at: null,
      }))
      .where('id', '=', id)
      .where('state', '=', 'paused')
      .returning(['id', 'bot', 'generation']),
  )
  if (!row) return false
  // Perhaps an admin has just mended what some ranges wait for.
  const rests = mailingsSql.updateTable('broadcast_leases').where('broadcast_id', '=', id)
  await tx.rows(rests.where('token', '=', RESTS).set({ until: ago(1, 'second') }))
  await oweLanes(tx, row)
  return true
}

/** A worker that does not renew its part of a mailing for this long is dead; the part goes to another. */
export const LEASE_MS = 15_000

/** The token of a range at which nobody works, because the bot of those who are left must be silent for a while. */
export const RESTS = ''

/**
 * Cancels a mailing that has not ended. Messages that are on their way at that moment are counted when their outcome is
 * known, or become uncertain.
 */
export async function cancelMailing(tx: Sql, id: string): Promise<boolean> {
  const [row] = await tx.rows(
    mailingsSql
      .selectFrom('broadcasts')
      .select(['bot', 'generation', 'state'])
      .where('id', '=', id)
      .forUpdate(),
  )
  if (!row || row.state === 'done' || row.state === 'cancelled') return false
  await tx.rows(
    mailingsSql.updateTable('broadcasts').set({ state: 'cancelled', finished_at: NOW }).where('id', '=', id),
  )
  const { bot, generation, state } = row
  if (state === 'scheduled') await markDone(tx, beginMailing.id({ broadcastId: id, generation }))
  if (state === 'running' || state === 'paused')
    await owe(tx, closeMailing, { broadcastId: id, bot }, { delayMs: LEASE_MS })
  return true
}

/** Cancels the mailings of a bot that is removed. */
export async function cancelMailingsOf(tx: Sql, bot: string): Promise<void> {
  const rows = await tx.rows(
    mailingsSql
      .selectFrom('broadcasts')
      .select('id')
      .where('bot', '=', bot)
      .where('state', 'in', ['scheduled', 'running', 'paused']),
  )
  for (const { id } of rows) await cancelMailing(tx, id)
}

/** How many of a bot's mailings stand still until an admin looks at them. */
export async function pausedMailings(sql: Sql, bot: string): Promise<number> {
  const [row] = await sql.rows(
    mailingsSql
      .selectFrom('broadcasts')
      .select(({ fn }) => fn.countAll<bigint>().as('count'))
      .where('bot', '=', bot)
      .where('state', '=', 'paused'),
  )
  return Number(row!.count)
}
