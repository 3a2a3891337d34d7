import { setImmediate as breathe } from 'node:timers/promises'
import { sql as q } from 'kysely'
import { NOW } from '#shared/db/build.ts'
import type { Db } from '#shared/db/db.ts'
import type { Secrets } from '#shared/secrets.ts'
import { shorten, storable } from '#shared/storable.ts'
import { printOfLine, sealLine } from './seal.ts'
import type { SealedLine } from './seal.ts'
import { shelfSql } from './tables.ts'

/** A line is shown in one message of at most 4,096 characters, together with other text. */
const LONGEST_LINE = 1_000
/**
 * Lines written by one statement: 100,000 lines are 20 statements of 0.1 s, and no other upload waits long. Long lines are
 * fewer, so that two batches hold at most 4 MB.
 */
const BATCH = 5_000
const BATCH_BYTES = 2_000_000
/** The process goes on with its other work after this many lines, whose sealing takes some 10 ms. */
const STRETCH = 250
/** How many wrong lines are named: nobody reads a longer list. */
const NAMED = 50

export interface Uploaded {
  added: number
  /** Numbers of lines that were there already or came twice; the first of them, and how many there are. */
  doubles: { count: number; lines: number[] }
  /** Lines that no buyer could be given: too long, or with characters that cannot be shown. */
  bad: { count: number; lines: number[] }
}

/** Lines that are written together, and the numbers of those between them that came before in this upload. */
interface Batch {
  lines: (SealedLine & { number: number })[]
  bytes: number
  twice: number[]
}

/**
 * Adds lines to an item's stock: doubles and bad ones are named, the rest is kept. It goes in batches, each committed by
 * itself, so that a million lines lock nothing for long; the same upload again goes on where it was cut off. While the
 * database writes one batch, the next one is sealed.
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
  const write = async ({ lines, twice }: Batch) => {
    const known = await insert(db, itemId, upload, lines)
    done.added += lines.length - known.size
    const there = known.size > 0 ? lines.filter(({ print }) => known.has(print)) : []
    const doubles = [...there.map(({ number }) => number), ...twice]
    for (const number of doubles.toSorted((a, b) => a - b)) name(done.doubles, number)
  }
  const seen = new Set<string>()
  let batch: Batch = { lines: [], bytes: 0, twice: [] }
  let writing: Promise<void> = Promise.resolve()
  const flush = async () => {
    await writing
    writing = write(batch)
    // The next batch awaits this one and hears of its failure; the end does so for the last batch.
    writing.catch(() => {})
    batch = { lines: [], bytes: 0, twice: [] }
  }
  let sealed = 0
  for await (const { text, number } of linesOf(chunks)) {
    if (text.length > LONGEST_LINE || storable(text) !== text || text.includes('\ufffd')) {
      name(done.bad, number)
      continue
    }
    const print = printOfLine(shelf, itemId, text)
    if (seen.has(print)) {
      batch.twice.push(number)
      continue
    }
    seen.add(print)
    const line = sealLine(shelf, print, text)
    batch.lines.push({ ...line, number })
    batch.bytes += line.sealed.length
    if (batch.lines.length >= BATCH || batch.bytes >= BATCH_BYTES) await flush()
    sealed += 1
    if (sealed % STRETCH === 0) await breathe()
  }
  await flush()
  await writing
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
  if (batch.length === 0) return new Set()
  const prints = batch.map(({ print }) => print)
  // By hand: one statement text for any number of lines, and their order is kept. Without the lock two uploads of the same
  // lines in different orders would wait for each other for ever.
  const added = await db.rows(q`
    with alone as materialized (
      select pg_advisory_xact_lock(hashtextextended(${`shelf lines ${itemId}`}, 0))
    )
    insert into shelf_lines (item_id, print, sealed, upload)
    select ${itemId}, line.print, line.sealed, ${upload}
    from alone, unnest(${prints}::text[], ${batch.map(({ sealed }) => sealed)}::bytea[])
      with ordinality as line (print, sealed, position)
    order by line.position
    on conflict (item_id, print) do nothing
    returning 1`)
  // Most uploads bring new lines alone, and of those nothing is read.
  if (added.length === batch.length) return new Set()
  const known = await db.rows(
    shelfSql
      .selectFrom('shelf_lines')
      .select('print')
      .where('item_id', '=', itemId)
      .where('upload', '<>', upload)
      .where('print', '=', q<string>`any(${prints})`),
  )
  return new Set(known.map(({ print }) => print))
}
