import { sql as q } from 'kysely'
import { lockWord } from '#shared/db/lock.ts'
import type { Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import { newId } from '#shared/ids.ts'
import type { Secrets } from '#shared/secrets.ts'
import { NOW } from '#shared/db/build.ts'
import { shelfSql } from './tables.ts'

const PARTS = 4

/** 80 random bits in groups of four: nobody guesses one, and it can be read out on the phone. */
const newCode = (): string => newId().toUpperCase().match(/.{4}/g)!.join('-')

/**
 * Reads a code as people type it: small letters, other dashes and spaces, O for zero, I and L for one.
 * @returns undefined when the text cannot be a code of ours
 */
export function readCode(typed: string): string | undefined {
  const bare = typed
    .toUpperCase()
    .replace(/[\s\u2010-\u2015-]/g, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1')
  return /^[0-9A-HJKMNP-TV-Z]{16}$/.test(bare)
    ? Array.from({ length: PARTS }, (_, at) => bare.slice(at * 4, at * 4 + 4)).join('-')
    : undefined
}

/** 22 characters of base64url are 132 bits. The print finds a code in the table and does not reveal it. */
const printOf = (shelf: Secrets, code: string): string => shelf.sign('shelf code', code, 22)

/** Makes a unique code for an order, in the transaction that pays for it. */
export async function makeCode(tx: Sql, shelf: Secrets, itemId: bigint, orderId: string): Promise<void> {
  const code = newCode()
  const print = printOf(shelf, code)
  await tx.rows(
    shelfSql.insertInto('shelf_codes').values({
      item_id: itemId,
      order_id: orderId,
      print,
      sealed: shelf.encrypt(`shelf code ${print}`, code),
    }),
  )
}

/** The order's code in clear text. */
export async function codeOf(sql: Sql, shelf: Secrets, orderId: string): Promise<string | undefined> {
  const [row] = await sql.rows(
    shelfSql
      .selectFrom('shelf_codes')
      .select(['print', 'sealed'])
      .where('order_id', '=', orderId)
      .where(q<boolean>`state <> 'withdrawn'`),
  )
  return row && shelf.decrypt(`shelf code ${row.print}`, row.sealed)
}

/**
 * Withdraws an order's code.
 * @returns false when it was used before: then its value is gone
 */
export async function withdrawCode(tx: Sql, orderId: string, reason: string): Promise<boolean> {
  const rows = await tx.rows(
    shelfSql
      .updateTable('shelf_codes')
      .set({ state: 'withdrawn', reason })
      .where('order_id', '=', orderId)
      .where(q<boolean>`state = 'made'`)
      .returning('id'),
  )
  return rows.length > 0
}

/** Counts the codes, for the admins' page. */
export async function codesByState(sql: Sql, itemId: bigint): Promise<Record<string, number>> {
  const rows = await sql.rows(
    shelfSql
      .selectFrom('shelf_codes')
      .select(['state', q<bigint>`count(*)`.as('count')])
      .where('item_id', '=', itemId)
      .groupBy('state'),
  )
  return Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)]))
}

/** A code as whoever takes it sees it. */
export type FoundCode = Awaited<ReturnType<typeof findCode>>

/**
 * @param bot the bot whose API key asks: it sees codes bought in bots of its own owner
 * @throws UserError `code.unknown`, also for another owner's code
 */
export async function findCode(sql: Sql, shelf: Secrets, bot: string, typed: string) {
  const code = readCode(typed)
  if (code === undefined) throw new UserError('code.unknown')
  const [found] = await sql.rows(
    shelfSql
      .selectFrom('shelf_codes as c')
      .innerJoin('shelf_items as i', 'i.id', 'c.item_id')
      .innerJoin('orders as o', 'o.id', 'c.order_id')
      .innerJoin('bots as sold', 'sold.name', 'o.bot')
      .innerJoin('bots as asks', (on) => on.on('asks.name', '=', bot))
      .select(['c.id', 'c.state', 'c.item_id as itemId', 'i.name', 'o.person_id as personId'])
      .select(['c.order_id as orderId', 'c.made_at as boughtAt', 'c.used_at as usedAt'])
      .select(['c.used_by as usedBy', 'c.reference', 'c.used_for as usedFor'])
      .where('c.print', '=', printOf(shelf, code))
      .where(q<boolean>`coalesce(sold.home, sold.name) = coalesce(asks.home, asks.name)`),
  )
  if (!found) throw new UserError('code.unknown')
  return found
}

export interface CodeUse {
  code: string
  /** The bot whose API key uses the code. */
  bot: string
  /** The caller's reference: the same reference again is the same use. */
  reference: string
  /** The purpose, in the caller's words. */
  usedFor?: string | undefined
}

/**
 * Uses a code once. A repeat with the same reference is the same use, so a caller who did not get the answer can ask
 * again.
 * @throws UserError `code.unknown`, `code.used`, `code.withdrawn`, `code.conflict` when the reference belongs to
 * another code
 */
export async function useCode(
  tx: Sql,
  shelf: Secrets,
  use: CodeUse,
): Promise<{ used: FoundCode; fresh: boolean }> {
  const { id } = await findCode(tx, shelf, use.bot, use.code)
  // Two requests with one reference and two codes: the second waits here and then finds the first use.
  await lockWord(tx, `shelf code ${use.bot} ${use.reference}`)
  const [earlier] = await tx.rows(
    shelfSql
      .selectFrom('shelf_codes')
      .select('id')
      .where('used_by', '=', use.bot)
      .where('reference', '=', use.reference),
  )
  if (earlier && earlier.id !== id) throw new UserError('code.conflict')
  const fresh = earlier
    ? []
    : await tx.rows(
        shelfSql
          .updateTable('shelf_codes')
          .set({
            state: 'used',
            used_at: NOW,
            used_by: use.bot,
            reference: use.reference,
            used_for: use.usedFor ?? null,
          })
          .where('id', '=', id)
          .where(q<boolean>`state = 'made'`)
          .returning('id'),
      )
  const now = await findCode(tx, shelf, use.bot, use.code)
  if (now.state === 'withdrawn') throw new UserError('code.withdrawn')
  if (now.usedBy !== use.bot || now.reference !== use.reference) throw new UserError('code.used')
  return { used: now, fresh: fresh.length > 0 }
}
