import { sql as q } from 'kysely'
import { anyOf, literal, NOW } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import type { Secrets } from '#shared/secrets.ts'
import { openLine } from './seal.ts'
import { shelfSql } from './tables.ts'

const lineColumns = ['id', 'print', 'sealed'] as const

/**
 * The next free line becomes the order's: nobody waits for anybody, and the unique index of the order sees to it that it
 * gets one. A line that is set aside for the order is the one it gets.
 * @returns undefined when none is left
 */
export async function takeLine(tx: Sql, itemId: bigint, orderId: string): Promise<bigint | undefined> {
  const own = shelfSql
    .selectFrom('shelf_lines')
    .select('id')
    .where('order_id', '=', orderId)
    .where(q<boolean>`state = 'reserved'`)
  const take = () =>
    tx.rows(
      shelfSql
        .updateTable('shelf_lines')
        .set({ state: 'sold', order_id: orderId, reserved_until: null, sold_at: NOW })
        .where('id', '=', q<bigint>`coalesce((${own}), ${nextFree(itemId)})`)
        // The end of its time may give the own line back, and another order may take it, while this statement waits for it.
        .where(q<boolean>`(state = 'free' or state = 'reserved' and order_id = ${orderId})`)
        .returning('id'),
    )
  const [line] = await take()
  return (line ?? (await take())[0])?.id
}

/**
 * Sets a line aside for an order that waits for money.
 * @returns until when, or undefined when none is left; the same order keeps its line
 */
export async function setLineAside(
  tx: Sql,
  itemId: bigint,
  orderId: string,
  minutes: number,
): Promise<Date | undefined> {
  const [own] = await tx.rows(
    shelfSql
      .updateTable('shelf_lines')
      .set({ reserved_until: q`now() + ${minutes} * interval '1 minute'` })
      .where('order_id', '=', orderId)
      .where(q<boolean>`state = 'reserved'`)
      .returning('reserved_until as until'),
  )
  if (own) return own.until!
  const [free] = await tx.rows(
    shelfSql
      .updateTable('shelf_lines')
      .set({
        state: 'reserved',
        order_id: orderId,
        reserved_until: q`now() + ${minutes} * interval '1 minute'`,
      })
      .where('id', '=', nextFree(itemId))
      .returning('reserved_until as until'),
  )
  return free?.until ?? undefined
}

/**
 * A range stands here instead of an equality. With an equality PostgreSQL simplifies "order by item and id" to "order
 * by id" and walks through the primary key, past the lines of all older items: 100,000 of those took 12 ms.
 */
const ofFree = (itemId: bigint) =>
  q<boolean>`item_id >= ${itemId} and item_id <= ${itemId} and state = 'free'`

const nextFree = (itemId: bigint) =>
  q<bigint>`(select id from shelf_lines where ${ofFree(itemId)} order by item_id, id limit 1
    for update skip locked)`

/** The order no longer waits: its line can be sold to others. */
export async function giveLineBack(tx: Sql, orderId: string): Promise<void> {
  await tx.rows(
    shelfSql
      .updateTable('shelf_lines')
      .set({ state: 'free', order_id: null, reserved_until: null })
      .where('order_id', '=', orderId)
      .where(q<boolean>`state = 'reserved'`),
  )
}

/**
 * Frees lines whose time of being set aside has passed. A line that is being paid for at this moment stays its
 * buyer's.
 * @returns how many
 */
export async function takeBackExpired(sql: Sql): Promise<number> {
  const rows = await sql.rows(
    shelfSql
      .updateTable('shelf_lines')
      .set({ state: 'free', order_id: null, reserved_until: null })
      .where(
        'id',
        'in',
        shelfSql
          .selectFrom('shelf_lines')
          .select('id')
          .where(q<boolean>`state = 'reserved'`)
          .where('reserved_until', '<', NOW)
          .orderBy('reserved_until')
          .limit(1_000)
          .forUpdate()
          .skipLocked(),
      )
      .where(q<boolean>`state = 'reserved'`)
      .returning('id'),
  )
  return rows.length
}

/**
 * Takes an order's line from its buyer. The line was seen, so it is not sold again.
 * @returns whether there was one
 */
export async function withdrawLine(tx: Sql, orderId: string, reason: string): Promise<boolean> {
  const rows = await tx.rows(
    shelfSql
      .updateTable('shelf_lines')
      .set({ state: 'withdrawn', reason })
      .where('order_id', '=', orderId)
      .where(q<boolean>`state = 'sold'`)
      .returning('id'),
  )
  return rows.length > 0
}

/** The order's line in clear text. */
export async function lineOf(sql: Sql, shelf: Secrets, orderId: string): Promise<string | undefined> {
  const [line] = await sql.rows(
    shelfSql
      .selectFrom('shelf_lines')
      .select(lineColumns)
      .where('order_id', '=', orderId)
      .where(q<boolean>`state = 'sold'`),
  )
  return line && openLine(shelf, line)
}

/** How many lines are left, counted only as far as people are told. */
export async function freeLines(sql: Sql, itemId: bigint, most: number): Promise<number> {
  const rows = await sql.rows(
    shelfSql
      .selectFrom('shelf_lines')
      .select('id')
      .where(ofFree(itemId))
      .orderBy('item_id')
      .orderBy('id')
      .limit(most),
  )
  return rows.length
}

/** Counts the lines, for the admins' page. */
export async function linesByState(sql: Sql, itemId: bigint): Promise<Record<string, number>> {
  const rows = await sql.rows(
    shelfSql
      .selectFrom('shelf_lines')
      .select(['state', q<bigint>`count(*)`.as('count')])
      .where('item_id', '=', itemId)
      .groupBy('state'),
  )
  return Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)]))
}

/** How many lines of each of these items can still be sold. */
export async function freeByItem(sql: Sql, itemIds: readonly bigint[]): Promise<ReadonlyMap<bigint, number>> {
  const rows = await sql.rows(
    shelfSql
      .selectFrom('shelf_lines')
      .select(['item_id as id', q<bigint>`count(*)`.as('count')])
      .where('item_id', '=', anyOf(itemIds))
      .where('state', '=', literal('free'))
      .groupBy('item_id'),
  )
  return new Map(rows.map(({ id, count }) => [id, Number(count)]))
}
