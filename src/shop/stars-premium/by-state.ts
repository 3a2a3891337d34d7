import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import type { Order } from '#shared/money/tables.ts'
import { among } from '#shared/owners.ts'
import type { Served } from '#shared/owners.ts'
import { resoldKinds } from './good.ts'

/** The states that the reseller's screen counts and lists. Open orders and ended ones have separate indexes. */
export const STATES = ['review', 'unknown', 'reserved', 'fulfilling', 'failed', 'delivered'] as const
export type ListedState = (typeof STATES)[number]

/** Counting stops here: ended orders are nearly everything that was ever sold. */
export const COUNTED = 1_000

/** @returns how many orders are in each state; `COUNTED` + 1 = more than `COUNTED` */
export async function countByState(
  sql: Sql,
  states: readonly ListedState[],
  served?: Served,
): Promise<Map<string, number>> {
  // The states are literals in the statement, because the indexes are partial. By hand: each state is counted up to a
  // limit, all in one statement.
  const counts = states.map(
    (state) => q`
      select ${q.lit(state)} as state, count(*)::int as n from (
        select from orders where good = any(${[...resoldKinds]}) and state = ${q.lit(state)}
          and ${among(q`bot`, served)} limit ${COUNTED + 1}) orders`,
  )
  const rows = await sql.rows(q<{ state: string; n: number }>`${q.join(counts, q` union all `)}`)
  return new Map(rows.map(({ state, n }) => [state, n]))
}

export type ListedOrder = Pick<Order, 'id' | 'good' | 'state' | 'price' | 'asset' | 'details' | 'createdAt'>

/** The newest first. Each good has its own place in the index, from which its newest are read. */
export function listByState(
  sql: Sql,
  state: ListedState,
  served: Served | undefined,
  { offset, limit }: { offset: number; limit: number },
): Promise<ListedOrder[]> {
  // By hand: for each good one walk down its index, so that only the shown rows are sorted.
  return sql.rows(q<ListedOrder>`
    select id, good, state, price, asset, details, created_at as "createdAt"
    from unnest(${[...resoldKinds]}::text[]) kinds (kind) cross join lateral (
      select * from orders where good = kind and state = ${q.lit(state)} and ${among(q`bot`, served)}
      order by updated_at desc, id limit ${offset + limit}) o
    order by updated_at desc, id limit ${limit} offset ${offset}`)
}
