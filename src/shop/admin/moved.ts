import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import type { Asset } from '#shared/money.ts'
import { among } from '#shared/owners.ts'
import type { Range } from './counted.ts'
import { isSold } from './sold.ts'
import type { MoneyMove } from './tables.ts'

/** Minor units that moved within a range, by bot and asset. By hand: the same statement with other tables and moments. */
export function movedRows(
  what: MoneyMove,
  { from, to, bot }: Range,
): RawBuilder<{ bot: string; part: Asset; value: bigint }> {
  const { rows, owner, at, asset, sum } = SOURCES[what]
  const bots = among(owner, typeof bot === 'string' ? [bot] : bot)
  return q`
    select ${owner} as bot, ${asset} as part, sum(${sum})::bigint as value
    from ${rows} and ${bots} and ${at} >= ${from} ${to === null ? q`` : q`and ${at} < ${to}`} group by 1, 2`
}

const SOURCES = {
  in: {
    rows: q`payments y where y.state in ('paid', 'overpaid')`,
    owner: q`y.bot`,
    at: q`y.paid_at`,
    asset: q`y.asset`,
    sum: q`y.amount`,
  },
  back: {
    rows: q`payment_refunds r join payments y on y.id = r.payment_id where r.state = 'done'`,
    owner: q`y.bot`,
    at: q`r.updated_at`,
    asset: q`y.asset`,
    sum: q`y.amount`,
  },
  sold: {
    rows: q`orders o where o.state = 'delivered' and ${isSold(q`o.details`)}`,
    owner: q`o.bot`,
    at: q`o.created_at`,
    asset: q`o.asset`,
    sum: q`o.price`,
  },
}
