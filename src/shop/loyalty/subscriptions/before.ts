import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import { loyaltySql } from '../tables.ts'
import { nextPrice, termsOfNext } from './agreed.ts'

/*
 * One balance pays for all plans of a person, in the order in which they end. What the earlier ones take is not there for
 * the later ones: whoever is told three days before must not read that one balance is enough for each of two.
 */

/** Whether the balance pays for the subscription `o` before it pays for `s`. */
const IS_BEFORE = q<boolean>`o.person_id = s.person_id and o.state <> 'ended' and o.renews and o.paid_with = 'balance'
  and (o.expires_at, o.id) < (s.expires_at, s.id)`

/** Tokens that the plans before the subscription `s` take. */
export const TAKEN_BEFORE = q<bigint>`coalesce((
  select sum(${nextPrice('o', 'op')}) from subscriptions o join plans op on op.code = o.plan where ${IS_BEFORE}), 0)`

/** What the plans before this one cost, in tokens, in the order in which they are paid. */
export async function pricesBefore(
  sql: Sql,
  id: string,
): Promise<{ price: bigint; rate: bigint | null; bot: string }[]> {
  const rows = await sql.rows(
    loyaltySql
      .selectFrom('subscriptions as s')
      .innerJoin('subscriptions as o', (on) => on.on(IS_BEFORE))
      .innerJoin('plans as op', 'op.code', 'o.plan')
      .innerJoinLateral(termsOfNext('o', 'op').as('t'), (on) => on.onTrue())
      .select(['t.price', 't.rate', 'o.bot'])
      .where('s.id', '=', id)
      .orderBy('o.expires_at')
      .orderBy('o.id'),
  )
  return rows.map(({ price, ...before }) => ({ price: price ?? 0n, ...before }))
}
