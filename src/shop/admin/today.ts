import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import type { Reads } from '#shared/db/db.ts'
import type { Asset } from '#shared/money.ts'
import { among } from '#shared/owners.ts'
import type { Served } from '#shared/owners.ts'
import { isSold } from './sold.ts'

/** What came in, went back and was delivered: today, and a week ago up to the same minute. Minor units. */
export interface Moved {
  what: 'in' | 'back' | 'sold'
  asset: Asset
  now: bigint
  before: bigint
}

/** The days are days of Moscow, as everywhere in the statistics. */
const MIDNIGHT = q`(date_trunc('day', now() at time zone 'Europe/Moscow') at time zone 'Europe/Moscow')`
const WEEK = q`interval '7 days'`

/**
 * Half a Saturday is compared with half a Saturday, because an unfinished day against a whole one always looks like
 * a fall.
 */
export function movedToday(sql: Reads, served: Served): Promise<Moved[]> {
  // By hand: the same statement with other tables, moments and sums.
  const part = (
    what: Moved['what'],
    { from, at, asset, sum, which }: Record<'from' | 'at' | 'asset' | 'sum' | 'which', RawBuilder<unknown>>,
  ) => q`
    select ${what} as what, ${asset} as asset,
           coalesce(sum(${sum}) filter (where ${at} >= ${MIDNIGHT}), 0)::bigint as now,
           coalesce(sum(${sum}) filter (where ${at} < ${MIDNIGHT}), 0)::bigint as before
    from ${from} where ${which} and ${at} >= ${MIDNIGHT} - ${WEEK}
      and (${at} >= ${MIDNIGHT} or ${at} < now() - ${WEEK}) group by 2`
  const ofPayment = among(q`y.bot`, served)
  return sql.rows(q<Moved>`
    ${part('in', {
      from: q`payments y`,
      at: q`y.paid_at`,
      asset: q`y.asset`,
      sum: q`y.amount`,
      which: q`y.state in ('paid', 'overpaid') and ${ofPayment}`,
    })}
    union all
    ${part('back', {
      from: q`payment_refunds r join payments y on y.id = r.payment_id`,
      at: q`r.updated_at`,
      asset: q`y.asset`,
      sum: q`y.amount`,
      which: q`r.state = 'done' and ${ofPayment}`,
    })}
    union all
    ${part('sold', {
      from: q`orders o`,
      at: q`o.created_at`,
      asset: q`o.asset`,
      sum: q`o.price`,
      which: q`o.state = 'delivered' and ${isSold(q`o.details`)} and ${among(q`o.bot`, served)}`,
    })}
    order by 1, 2`)
}
