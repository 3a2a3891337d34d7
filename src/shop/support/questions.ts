import { sql as q } from 'kysely'
import type { Waiting } from '#shared/attention.ts'
import { audit } from '#shared/audit.ts'
import { anyOf, NOW } from '#shared/db/build.ts'
import type { Reads, Sql } from '#shared/db/db.ts'
import type { Served } from '#shared/owners.ts'
import { among } from '#shared/owners.ts'
import { owe, oweAll, owed } from '#shared/queue/outbox.ts'
import { showRead } from './jobs.ts'
import { supportSql } from './tables.ts'
import type { About } from './tables.ts'

/*
 * A question is what a person wrote in a bot and nobody has answered yet: the oldest of their waiting messages. An
 * answer ends it, and so does an admin who finds that it needs none.
 */

export interface OpenQuestion {
  id: string
  bot: string
  personId: bigint
  text: string
  about: About | undefined
  createdAt: Date
}

/** Oldest first. @param page.after the id of the last question seen */
export async function openQuestions(
  sql: Reads,
  served: Served,
  page: { limit: number; offset?: number; after?: string | undefined },
): Promise<OpenQuestion[]> {
  const first = supportSql
    .selectFrom('support_messages')
    .distinctOn(['bot', 'person_id'])
    .select(['id', 'bot', 'person_id', 'text', 'order_id', 'payment_id', 'created_at'])
    .where('waits', '=', q.lit(true))
    .where(q<boolean>`${among(q`bot`, served)}`)
    .orderBy('bot')
    .orderBy('person_id')
    .orderBy('created_at')
    .orderBy('id')
    .as('first')
  const later = q<boolean>`(created_at, id) > (select created_at, id from support_messages where id = ${page.after})`
  const rows = await sql.rows(
    supportSql
      .selectFrom(first)
      .select(['id', 'bot', 'person_id as personId', 'text', 'created_at as createdAt'])
      .select(['order_id as orderId', 'payment_id as paymentId'])
      .where(page.after === undefined ? q<boolean>`true` : later)
      .orderBy('created_at')
      .orderBy('id')
      .limit(page.limit)
      .offset(page.offset ?? 0),
  )
  return rows.map(({ orderId, paymentId, ...rest }) => ({
    ...rest,
    about: orderId
      ? { kind: 'order', id: orderId }
      : paymentId
        ? { kind: 'payment', id: paymentId }
        : undefined,
  }))
}

export async function waitingQuestions(sql: Reads, served: Served): Promise<Waiting> {
  const [row] = await sql.rows(
    supportSql
      .selectFrom('support_messages')
      .select(q<bigint>`count(distinct (bot, person_id))`.as('count'))
      .select(({ fn }) => fn.min('created_at').as('since'))
      .where('waits', '=', q.lit(true))
      .where(q<boolean>`${among(q`bot`, served)}`),
  )
  return { count: Number(row!.count), since: row!.since ?? undefined }
}

/** The bots among these in which this person waits for an answer. */
export async function askedIn(sql: Sql, personId: bigint, served: Served): Promise<string[]> {
  const rows = await sql.rows(
    supportSql
      .selectFrom('support_messages')
      .select('bot')
      .distinct()
      .where('waits', '=', q.lit(true))
      .where('person_id', '=', personId)
      .where(q<boolean>`${among(q`bot`, served)}`)
      .orderBy('bot'),
  )
  return rows.map(({ bot }) => bot)
}

/** An admin has seen these messages, those of the bots that the admin serves; each writer is told once. @returns false when all of them were read before */
export async function markRead(tx: Sql, ids: readonly string[], served: Served): Promise<boolean> {
  const rows = await tx.rows(
    supportSql
      .updateTable('support_messages')
      .set({ read_at: NOW })
      .where('id', '=', anyOf(ids))
      .where('waits', '=', q.lit(true))
      .where('read_at', 'is', null)
      .where(q<boolean>`${among(q`bot`, served)}`)
      .returning('id'),
  )
  await oweAll(
    tx,
    rows.map(({ id }) => owed(showRead, { messageId: id })),
  )
  return rows.length > 0
}

/** What waits for an answer. */
interface Asked {
  personId: bigint
  bot: string
  /** The order or the payment that the answer is about; '' = whatever was asked. */
  thing: string
  /** The last message that the admin's page showed, '' = it showed none: what came since goes on waiting. */
  until?: string | undefined
}

const seenAt = (until: string) => q`(select created_at from support_messages where id = ${until})`
const isOf = (thing: string) => q<boolean>`${thing} in ('', coalesce(order_id, payment_id, ${thing}))`

/** What this person has asked about nothing in particular: whoever answers about a thing answers it as well. */
export async function asksAtLarge(sql: Reads, personId: bigint, bot: string): Promise<string[]> {
  const rows = await sql.rows(
    supportSql
      .selectFrom('support_messages')
      .select('id')
      .where('person_id', '=', personId)
      .where('bot', '=', bot)
      .where('waits', '=', q.lit(true))
      .where(q<boolean>`coalesce(order_id, payment_id) is null`),
  )
  return rows.map(({ id }) => id)
}

/** @returns the last words that came since and wait, as an answer now would end them */
export async function cameSince(
  sql: Sql,
  { personId, bot, thing, until }: Asked & { until: string },
): Promise<string | undefined> {
  const [last] = await sql.rows(
    supportSql
      .selectFrom('support_messages')
      .select('text')
      .where('person_id', '=', personId)
      .where('bot', '=', bot)
      .where('waits', '=', q.lit(true))
      .where(isOf(thing))
      .where(q<boolean>`created_at > coalesce(${seenAt(until)}, '-infinity')`)
      .orderBy('created_at', 'desc')
      .limit(1),
  )
  return last?.text
}

/**
 * Ends the open question of this person in the bot. What they asked about another order or payment stands on that one's
 * page, where whoever answers here does not see it: it goes on waiting.
 * @returns false when no question was open
 */
export async function endQuestion(sql: Sql, { personId, bot, thing, until }: Asked): Promise<boolean> {
  const rows = await sql.rows(
    supportSql
      .updateTable('support_messages')
      .set(({ fn }) => ({ waits: false, read_at: fn.coalesce('read_at', NOW) }))
      .where('person_id', '=', personId)
      .where('bot', '=', bot)
      .where('waits', '=', q.lit(true))
      .where(isOf(thing))
      .where(until === undefined ? q<boolean>`true` : q<boolean>`created_at <= ${seenAt(until)}`)
      .returning('id'),
  )
  await oweAll(
    sql,
    rows.map(({ id }) => owed(showRead, { messageId: id })),
  )
  return rows.length > 0
}

/** An admin finds that what this person wrote needs no answer. @returns false when nothing waits */
export async function putAway(tx: Sql, { admin, ...asked }: Asked & { admin: bigint }): Promise<boolean> {
  if (!(await endQuestion(tx, asked))) return false
  const { personId, bot } = asked
  await audit(tx, { actor: admin, action: 'question.closed', target: `person ${personId}`, bot })
  return true
}

/**
 * Keeps the message in the person's chat that says whether theirs was read. An admin may have read it a moment before:
 * the job of that moment may have found no such message, so another one is owed.
 */
export async function keepCard(tx: Sql, id: string, messageId: number): Promise<void> {
  const [kept] = await tx.rows(
    supportSql
      .updateTable('support_messages')
      .set({ card_message_id: BigInt(messageId) })
      .where('id', '=', id)
      .returning('read_at as readAt'),
  )
  if (kept?.readAt) await owe(tx, showRead, { messageId: id, card: String(messageId) })
}
