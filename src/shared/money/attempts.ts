import { sql as q } from 'kysely'
import { anyOf, detailsAnd, jsonb, NOW } from '../db/build.ts'
import type { Sql } from '../db/db.ts'
import { moneySql } from './tables.ts'
import type { Asset, Money } from '../money.ts'

export interface Attempt {
  id: bigint
  orderId: string
  number: number
  supplier: string
  /** `sent` = committed before the call and not refused since; only `refused` allows a further attempt. */
  state: 'sent' | 'done' | 'refused' | 'unknown'
  supplierRef: string | null
  cost: bigint | null
  costAsset: Asset | null
  details: Record<string, unknown>
  createdAt: Date
  /** The attempt's age by the database's clock. */
  ageMs: number
}

const columns = [
  'id',
  'order_id as orderId',
  'number',
  'supplier',
  'state',
  'supplier_ref as supplierRef',
  'cost',
  'cost_asset as costAsset',
  'details',
  'created_at as createdAt',
  q<number>`(extract(epoch from now() - created_at) * 1000)::float8`.as('ageMs'),
] as const

export async function lastAttempt(sql: Sql, orderId: string, lock = false): Promise<Attempt | undefined> {
  const last = moneySql
    .selectFrom('attempts')
    .select(columns)
    .where('order_id', '=', orderId)
    .orderBy('number', 'desc')
    .limit(1)
  const [attempt] = await sql.rows(lock ? last.forUpdate() : last)
  return attempt
}

export async function attemptByNumber(
  sql: Sql,
  orderId: string,
  number: number,
): Promise<Attempt | undefined> {
  const [attempt] = await sql.rows(
    moneySql
      .selectFrom('attempts')
      .select(columns)
      .where('order_id', '=', orderId)
      .where('number', '=', number),
  )
  return attempt
}

/**
 * Writes down, before the call, that a call to a supplier is about to be made. A unique index refuses a further
 * attempt while an earlier call may have succeeded.
 * @param attempt.run names the worker's run, so that after a lost commit no worker takes another's row for its own
 */
export async function openAttempt(
  tx: Sql,
  attempt: { orderId: string; number: number; supplier: string; token: string; run: string },
): Promise<Attempt> {
  const [opened] = await tx.rows(
    moneySql
      .insertInto('attempts')
      .values({
        order_id: attempt.orderId,
        number: attempt.number,
        supplier: attempt.supplier,
        token: attempt.token,
        details: jsonb({ run: attempt.run }),
      })
      .returning(columns),
  )
  return opened!
}

/**
 * Moves an attempt from the state `from` and stores what is known.
 * @returns false when it is in another state: another report was faster
 */
export async function settleAttempt(
  tx: Sql,
  id: bigint,
  change: {
    from: readonly Attempt['state'][]
    to: Attempt['state']
    supplierRef?: string | null
    cost?: Money | null
    set?: Record<string, unknown>
  },
): Promise<boolean> {
  const rows = await tx.rows(
    moneySql
      .updateTable('attempts')
      .set((are) => ({
        state: change.to,
        updated_at: NOW,
        supplier_ref: are.fn.coalesce('supplier_ref', are.val(change.supplierRef ?? null)),
        cost: change.cost?.amount ?? are.ref('cost'),
        cost_asset: change.cost?.asset ?? are.ref('cost_asset'),
        details: detailsAnd(change.set ?? {}),
      }))
      .where('id', '=', id)
      .where('state', '=', anyOf(change.from))
      .returning('id'),
  )
  return rows.length > 0
}

/** Which of these ids of a supplier's attempts of ours have already. */
export async function takenRefs(sql: Sql, supplier: string, refs: string[]): Promise<Set<string>> {
  if (refs.length === 0) return new Set()
  const rows = await sql.rows(
    moneySql
      .selectFrom('attempts')
      .select((are) => are.ref('supplier_ref').$notNull().as('ref'))
      .where('supplier', '=', supplier)
      .where('supplier_ref', '=', anyOf(refs)),
  )
  return new Set(rows.map(({ ref }) => ref))
}

/**
 * Keeps what a supplier delivered for an attempt that counts as `refused`. The attempt stays `refused`, because only
 * one attempt of an order may count; `deliveredLate` beside its cost says what the late delivery took from our wallet.
 * @returns false when the attempt was not refused or the delivery is known already
 */
export async function keepLateDelivery(
  tx: Sql,
  id: bigint,
  supply: { id: string | null; cost: Money | null },
): Promise<boolean> {
  const rows = await tx.rows(
    moneySql
      .updateTable('attempts')
      .set((are) => ({
        updated_at: NOW,
        supplier_ref: are.fn.coalesce('supplier_ref', are.val(supply.id)),
        cost: supply.cost?.amount ?? are.ref('cost'),
        cost_asset: supply.cost?.asset ?? are.ref('cost_asset'),
        details: detailsAnd({ deliveredLate: true }),
      }))
      .where('id', '=', id)
      .where('state', '=', 'refused')
      .where(q<boolean>`not details ? 'deliveredLate'`)
      .returning('id'),
  )
  return rows.length > 0
}
