import { sql as q } from 'kysely'
import { lockWord } from '#shared/db/lock.ts'
import { anyOf, literal, NOW } from '#shared/db/build.ts'
import type { Db, Sql } from '#shared/db/db.ts'
import type { Secrets } from '#shared/secrets.ts'
import { shorten, storable } from '#shared/storable.ts'
import { openLine, sealLine } from './seal.ts'
import type { SealedLine } from './seal.ts'
import { shelfSql } from './tables.ts'

/** A line is shown in one message of at most 4,096 characters, together with other text. */
const LONGEST_LINE = 1_000
/** Lines written by one statement: 100,000 lines are 50 statements, and no other upload waits long. */
const BATCH = 2_000
/** How many wrong lines are named: nobody reads a longer list. */
const NAMED = 50

export interface Uploaded {
  added: number
  /** Numbers of lines that were there already or came twice; the first of them, and how many there are. */
  doubles: { count: number; lines: number[] }
  /** Lines that no buyer could be given: too long, or with characters that cannot be shown. */
  bad: { count: number; lines: number[] }
}

/**
 * Adds lines to an item's stock: doubles and bad ones are named, the rest is kept. It goes in batches, each committed by
 * itself, so that a million lines lock nothing for long; the same upload again goes on where it was cut off.
 * @param upload names the message that brought it
 */
export async function addLines(
  db: Db,
  shelf: Secrets,
  { itemId, upload }: { itemId: bigint; upload: string },
  chunks: AsyncIterable<string> | Iterable<string>,
): Promise<Uploaded> {
  const done: Uploaded = { added: 0, doubles: { count: 0, lines: [] }, bad: { count: 0, lines: [] } }
  const name = (list: Uploaded['bad'], number: number) => {
    list.count += 1
    if (list.lines.length < NAMED) list.lines.push(number)
  }
  const seen = new Set<string>()
  let batch: (SealedLine & { number: number })[] = []
  const flush = async () => {
    if (batch.length === 0) return
    const known = await insert(db, itemId, upload, batch)
    for (const { print, number } of batch) {
      if (known.has(print)) name(done.doubles, number)
      else done.added += 1
    }
    batch = []
  }
  for await (const { text, number } of linesOf(chunks)) {
    if (text.length > LONGEST_LINE || storable(text) !== text || text.includes('\ufffd')) {
      name(done.bad, number)
      continue
    }
    const line = sealLine(shelf, itemId, text)
    if (seen.has(line.print)) {
      name(done.doubles, number)
      continue
    }
    seen.add(line.print)
    batch.push({ ...line, number })
    if (batch.length >= BATCH) await flush()
  }
  await flush()
  if (done.added > 0)
    await db.rows(
      shelfSql
        .updateTable('shelf_items')
        .set({ refills: q`refills + 1`, updated_at: NOW })
        .where('id', '=', itemId),
    )
  return done
}

/** The lines without surrounding blanks; empty ones are skipped. A line that never ends is cut at its limit. */
async function* linesOf(
  chunks: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<{ text: string; number: number }> {
  let rest = ''
  let number = 0
  const trimmed = (text: string) => text.replace(/^\ufeff/, '').trim()
  for await (const chunk of chunks) {
    const parts = (rest + chunk).split('\n')
    rest = parts.pop()!
    for (const part of parts) {
      number += 1
      const text = trimmed(part)
      if (text !== '') yield { text, number }
    }
    // The line is already too long, so the rest of it is not kept in memory.
    if (rest.length > 4 * LONGEST_LINE) rest = shorten(rest, 2 * LONGEST_LINE)
  }
  const text = trimmed(rest)
  if (text !== '') yield { text, number: number + 1 }
}

/** @returns the prints that an earlier upload had stored */
async function insert(
  db: Db,
  itemId: bigint,
  upload: string,
  batch: readonly SealedLine[],
): Promise<Set<string>> {
  return await db.tx(async (tx) => {
    // Without this lock two uploads of the same lines in different orders would wait for each other for ever.
    await lockWord(tx, `shelf lines ${itemId}`)
    const prints = batch.map(({ print }) => print)
    // By hand: one statement text for any number of lines, and their order is kept.
    await tx.rows(q`
      insert into shelf_lines (item_id, print, sealed, upload)
      select ${itemId}, line.print, line.sealed, ${upload}
      from unnest(${prints}::text[], ${batch.map(({ sealed }) => sealed)}::bytea[])
        with ordinality as line (print, sealed, position)
      order by line.position
      on conflict (item_id, print) do nothing`)
    const known = await tx.rows(
      shelfSql
        .selectFrom('shelf_lines')
        .select('print')
        .where('item_id', '=', itemId)
        .where('upload', '<>', upload)
        .where('print', '=', q<string>`any(${prints})`),
    )
    return new Set(known.map(({ print }) => print))
  })
}

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
