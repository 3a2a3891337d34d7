import { sql as q } from 'kysely'
import { z } from 'zod'
import type { Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import { owe } from '#shared/queue/outbox.ts'
import { mindDoor } from './jobs.ts'
import { shelfSql } from './tables.ts'
import type { Item } from './tables.ts'
import { ahead, NOW } from '#shared/db/build.ts'

/*
 * Places in a channel or a group. An item has one invite link for everybody, and the link itself lets nobody in:
 * whoever follows it asks the bot, and is let in as long as an order of theirs runs. So a leaked link is worth
 * nothing, a purchase makes nothing at Telegram, and it stays one transaction.
 */

const accessTerms = z.object({ days: z.number().int().nullable() })
export const LONGEST_DAYS = 3_650

/** For how many days the item gives access; null = for ever. */
export const daysOfAccess = ({ terms }: { terms: unknown }): number | null =>
  accessTerms.safeParse(terms).data?.days ?? null

/**
 * Nobody has come in since Telegram said that the chat has no room. People who wait ask again at least once an hour, so
 * after two hours nobody waits any more, and the next buyer finds out.
 */
const isFull = q<boolean>`coalesce(full_at > now() - interval '2 hours', false)`

export async function chatOfItem(sql: Sql, itemId: bigint) {
  const [row] = await sql.rows(
    shelfSql
      .selectFrom('shelf_chats')
      .select(['bot', 'chat_id as chatId', 'title', 'link', 'lost_at as lostAt', isFull.as('isFull')])
      .where('item_id', '=', itemId),
  )
  return row
}

const accessColumns = [
  ...(['order_id as orderId', 'item_id as itemId', 'bot', 'chat_id as chatId'] as const),
  ...(['person_id as personId', 'from_at as fromAt', 'until_at as untilAt', 'asked_at as askedAt'] as const),
  ...(['joined_at as joinedAt', 'ended_at as endedAt'] as const),
] as const
export type Access = NonNullable<Awaited<ReturnType<typeof readAccess>>>

export async function readAccess(sql: Sql, orderId: string) {
  const [row] = await sql.rows(
    shelfSql.selectFrom('shelf_accesses').select(accessColumns).where('order_id', '=', orderId),
  )
  return row
}

export const inChats = ({ bot, chatId }: { bot: string; chatId: bigint }) =>
  shelfSql.selectFrom('shelf_accesses').where('bot', '=', bot).where('chat_id', '=', chatId)

const runs = q<boolean>`ended_at is null and (until_at is null or until_at > now())`

/** Accesses to a chat that a person has paid for and that have not ended, the latest first. */
export const runningOf = (sql: Sql, place: { chatId: bigint; personId: bigint }): Promise<Access[]> =>
  sql.rows(
    shelfSql
      .selectFrom('shelf_accesses')
      .select(accessColumns)
      .where('person_id', '=', place.personId)
      .where('chat_id', '=', place.chatId)
      .where(runs)
      .orderBy('until_at', (order) => order.desc().nullsFirst()),
  )

/**
 * A full chat has no place for a newcomer; whoever is inside may stay longer.
 * @throws UserError `item.chat-full`
 */
export async function refuseWhenFull(sql: Sql, itemId: bigint, personId: bigint): Promise<void> {
  const chat = await chatOfItem(sql, itemId)
  if (!chat?.isFull) return
  const held = await runningOf(sql, { chatId: chat.chatId, personId })
  if (!held.some(({ joinedAt }) => joinedAt !== null)) throw new UserError('item.chat-full')
}

/**
 * Gives the order its time, after the time that the person already has in this chat: a second purchase extends the
 * first. The caller has locked the person's row.
 * @throws UserError `item.sold-out` while the bot can let nobody in, `item.have` for a person who has access for ever
 */
export async function openAccess(
  tx: Sql,
  item: Pick<Item, 'id' | 'terms'>,
  { id, personId }: { id: string; personId: bigint },
): Promise<void> {
  const chat = await chatOfItem(tx, item.id)
  if (!chat || chat.lostAt) throw new UserError('item.sold-out')
  const [last] = await runningOf(tx, { chatId: chat.chatId, personId })
  if (last && last.untilAt === null) throw new UserError('item.have')
  const days = daysOfAccess(item)
  // Read in SQL, because a JavaScript date has only milliseconds and ends must equal beginnings exactly.
  const from = q<never>`coalesce(${last?.untilAt ?? null}::timestamptz, date_trunc('milliseconds', now()))`
  await tx.rows(
    shelfSql.insertInto('shelf_accesses').values({
      order_id: id,
      item_id: item.id,
      bot: chat.bot,
      chat_id: chat.chatId,
      person_id: personId,
      from_at: from,
      until_at: days === null ? null : q<never>`${from} + ${days} * interval '1 day'`,
      joined_at: last?.joinedAt ?? null,
    }),
  )
}

/** The money was returned: later accesses move forward, and a person without any access left must leave the chat. */
export async function withdrawAccess(tx: Sql, orderId: string): Promise<boolean> {
  const [gone] = await tx.rows(
    shelfSql
      .updateTable('shelf_accesses')
      .set({ ended_at: NOW, tries: 1, try_at: ahead(1, 'minute') })
      .where('order_id', '=', orderId)
      .where('ended_at', 'is', null)
      .returning(['person_id as personId', 'chat_id as chatId', 'from_at as fromAt', 'until_at as untilAt']),
  )
  if (!gone) return false
  if (gone.untilAt)
    // By hand: times move by an interval that the same statement reads.
    await tx.rows(q`
      update shelf_accesses set from_at = from_at - freed.time, until_at = until_at - freed.time, warned_at = null
      from (select greatest(${gone.untilAt}::timestamptz - greatest(${gone.fromAt}::timestamptz, now()),
        interval '0') as time) freed
      where person_id = ${gone.personId} and chat_id = ${gone.chatId} and ended_at is null
        and from_at >= ${gone.untilAt}::timestamptz`)
  await owe(tx, mindDoor, { orderId, version: 'withdrawn' })
  return true
}

/**
 * A person asks to join. The request is stored before it is answered.
 * @returns the order by which the person may come in
 */
export async function askIn(
  sql: Sql,
  place: { chatId: bigint; personId: bigint },
): Promise<string | undefined> {
  const [row] = await sql.rows(
    shelfSql
      .updateTable('shelf_accesses')
      .set({ asked_at: NOW, refused_at: null, tries: 0, try_at: ahead(1, 'minute') })
      .where('person_id', '=', place.personId)
      .where('chat_id', '=', place.chatId)
      .where(runs)
      .returning('order_id as orderId'),
  )
  return row?.orderId
}

/** @param joined false = the request has gone: the person does not ask to join any more */
export async function answered(
  sql: Sql,
  place: { chatId: bigint; personId: bigint },
  joined: boolean,
): Promise<void> {
  await sql.rows(
    shelfSql
      .updateTable('shelf_accesses')
      .set({ asked_at: null, refused_at: null, ...(joined && { joined_at: q`coalesce(joined_at, now())` }) })
      .where('person_id', '=', place.personId)
      .where('chat_id', '=', place.chatId)
      .where('ended_at', 'is', null),
  )
}

export async function markOut(sql: Sql, place: { chatId: bigint; personId: bigint }): Promise<void> {
  await sql.rows(
    shelfSql
      .updateTable('shelf_accesses')
      .set({ out_at: NOW })
      .where('person_id', '=', place.personId)
      .where('chat_id', '=', place.chatId)
      .where(q<boolean>`ended_at is not null and out_at is null`),
  )
}

/** Counts the people with access, for the admins' page. */
export async function countAccesses(sql: Sql, itemId: bigint): Promise<{ running: number; inside: number }> {
  const [row] = await sql.rows(
    shelfSql
      .selectFrom('shelf_accesses')
      .select([
        q<bigint>`count(distinct person_id)`.as('running'),
        q<bigint>`count(distinct person_id) filter (where joined_at is not null)`.as('inside'),
      ])
      .where('item_id', '=', itemId)
      .where(runs),
  )
  return { running: Number(row!.running), inside: Number(row!.inside) }
}
