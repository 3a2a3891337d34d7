import { sql as q } from 'kysely'
import type { Sql } from '../db/db.ts'
import { parseAmount } from '../money.ts'
import type { Asset } from '../money.ts'
import type { EntryKind } from './ledger.ts'
import { moneySql } from './tables.ts'

export interface Balance {
  asset: Asset
  available: bigint
  held: bigint
}

/** Every asset the person has ever had. */
export function balances(sql: Sql, personId: bigint): Promise<Balance[]> {
  return sql.rows(
    moneySql
      .selectFrom('wallets')
      .select(['asset', 'available', 'held'])
      .where('person_id', '=', personId)
      .orderBy('asset'),
  )
}

export async function readBalance(sql: Sql, personId: bigint, asset: Asset): Promise<Balance> {
  const all = await balances(sql, personId)
  return all.find((one) => one.asset === asset) ?? { asset, available: 0n, held: 0n }
}

/** Money of a person's payments that is not on the balance yet. */
export interface OnItsWay {
  id: string
  /**
   * For an invoice that was paid in part and can still be completed: the part that came, minor units; null = the
   * provider does not say.
   */
  part: bigint | null
  asset: Asset
  amount: bigint
  expiresAt: Date | null
  /** Suspended money that waits until the person accepts it. */
  suspended: bigint
  suspendedAsset: Asset | null
}

/**
 * The payments, newest first.
 * @param bots only those made in these bots
 */
export async function moneyOnItsWay(
  sql: Sql,
  personId: bigint,
  bots?: readonly string[],
): Promise<OnItsWay[]> {
  const isOpenPart = q<boolean>`state = 'underpaid' and booked = 0`
  const rows = await sql.rows(
    moneySql
      .selectFrom('payments')
      .select([
        'id',
        q<
          string | null
        >`case when ${isOpenPart} and received_asset = asset then received_amount::text end`.as('part'),
        'asset',
        'amount',
        'expires_at as expiresAt',
        'suspended',
        'suspended_asset as suspendedAsset',
      ])
      .where('person_id', '=', personId)
      .where(bots === undefined ? q<boolean>`true` : q<boolean>`bot = any(${[...bots]}::text[])`)
      // As literals, so that the index of such payments serves, whoever has a hundred thousand others.
      .where(q<boolean>`(suspended > 0 or ${isOpenPart})`)
      .orderBy('created_at', 'desc')
      .limit(3),
  )
  return rows.map((row) => ({ ...row, part: row.part === null ? null : parseAmount(row.part, row.asset) }))
}

/** The spendable balance, with the wallet locked, so that it cannot shrink before this transaction spends it. */
export async function lockedAvailable(tx: Sql, personId: bigint, asset: Asset): Promise<bigint> {
  const [wallet] = await tx.rows(
    moneySql
      .selectFrom('wallets')
      .select('available')
      .where('person_id', '=', personId)
      .where('asset', '=', asset)
      .forUpdate(),
  )
  return wallet?.available ?? 0n
}

/** One line of a person's history: what it changed in sum, and the balance after it (available + held). */
export interface Operation {
  /** The posting's id, ascending in time. */
  id: bigint
  reference: string
  kind: EntryKind
  description: string
  details: Record<string, unknown>
  bot: string | null
  asset: Asset
  amount: bigint
  balanceAfter: bigint
  createdAt: Date
}

/**
 * A person's operations, newest first. Holds and releases change nothing in sum and do not show.
 * @param page.before the id of the last operation seen
 * @param page.way only what came, or only what went
 */
export function operations(
  sql: Sql,
  personId: bigint,
  page: { limit: number; before?: bigint; asset?: Asset; way?: 'in' | 'out' },
): Promise<Operation[]> {
  const { asset, before, way } = page
  const sums = moneySql
    .selectFrom('entries')
    .select(['posting_id', 'asset', q<bigint>`sum(amount)::bigint`.as('amount')])
    .where('person_id', '=', personId)
    .$if(asset !== undefined, (some) => some.where('asset', '=', asset!))
    .$if(before !== undefined, (some) => some.where('posting_id', '<', before!))
    .groupBy(['posting_id', 'asset'])
    .having(({ fn }) => fn.sum('amount'), way ? (way === 'in' ? '>' : '<') : '<>', 0)
    .orderBy('posting_id', 'desc')
    .orderBy('asset')
    .limit(page.limit)
  return sql.rows(
    moneySql
      .selectFrom(sums.as('e'))
      .innerJoin('postings as p', 'p.id', 'e.posting_id')
      // Only the lines of the page look for their last entry.
      .crossJoinLateral((from) =>
        from
          .selectFrom('entries as x')
          .select('x.balance_after')
          .where('x.person_id', '=', personId)
          .whereRef('x.posting_id', '=', 'e.posting_id')
          .whereRef('x.asset', '=', 'e.asset')
          .orderBy('x.id', 'desc')
          .limit(1)
          .as('last'),
      )
      .select(['p.id', 'p.reference', 'p.kind', 'p.description', 'p.details', 'p.bot', 'e.asset', 'e.amount'])
      .select((are) => [
        are.ref('last.balance_after').$notNull().as('balanceAfter'),
        'p.created_at as createdAt',
      ])
      .$narrowType<{ kind: EntryKind }>()
      .orderBy('p.id', 'desc')
      .orderBy('e.asset'),
  )
}

/** An operation has a line for each asset that it moved, a few at most: an exchange has one in roubles and one in tokens. */
const MORE_OF_ONE = 8

/**
 * A page of operations. The next one begins behind an operation, so a page ends with all lines of its last one.
 * @returns with `next` what the next page begins behind; undefined = this page is the last
 */
export async function operationsPage(
  sql: Sql,
  personId: bigint,
  { size, ...page }: Omit<Parameters<typeof operations>[2], 'limit'> & { size: number },
): Promise<{ operations: Operation[]; next: bigint | undefined }> {
  const rows = await operations(sql, personId, { ...page, limit: size + MORE_OF_ONE })
  let end = Math.min(size, rows.length)
  while (end < rows.length && rows[end]!.id === rows[end - 1]!.id) end += 1
  return { operations: rows.slice(0, end), next: end < rows.length ? rows[end - 1]!.id : undefined }
}
