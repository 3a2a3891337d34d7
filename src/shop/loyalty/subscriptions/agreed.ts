import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import { loyaltySql } from '../tables.ts'

/*
 * What a renewal from the balance costs. Nobody presses a key for it, so it repeats what its subscriber agreed to with
 * the last key that they pressed: the price in tokens, the days, and what a missing token cost in roubles. A plan that has
 * become dearer or shorter is for those who buy it from then on, also when it is not sold for tokens any more. A renewal at
 * Telegram is the same: Telegram charges the Stars that were subscribed to for as long as the person goes on. Terms that are
 * better now hold for subscribers as well, because nobody expects to pay more than a newcomer does, but these bind nobody
 * afterwards: a sale of a month is over with the month.
 */

interface Terms {
  /** Tokens; null = the plan is not sold for tokens, and never was to this person. */
  price: bigint | null
  days: number
  /** Kopecks for one missing token, as the person agreed to it; null = they paid in tokens alone. */
  rate: bigint | null
}

/**
 * One row with the terms of the next period, for a subscription and its plan by their names in the statement. By hand: the
 * agreed price is what the ledger says that the person paid; a gift or a code was no yes to a price.
 */
export const termsOfNext = (subscription: 's' | 'o', plan: 'p' | 'op'): RawBuilder<Terms> => {
  const [s, p] = [q.raw(subscription), q.raw(plan)]
  return q<Terms>`(
    select case when better then ${p}.price_tokens else coalesce(a.price, ${p}.price_tokens) end as price,
      case when better then ${p}.days else coalesce(a.days, ${p}.days) end as days, a.rate
    from (select 1) one left join lateral (
      select -e.amount as price, round(extract(epoch from d.ends_at - d.starts_at) / 86400)::int as days,
        (select -min(x.amount) / max(x.amount) from postings c join entries x on x.posting_id = c.id
         where c.reference = 'exchange-plan-' || d.reference and x.person_id = ${s}.person_id) as rate
      from subscription_periods d join postings g on g.reference = 'subscription-' || d.reference
        join entries e on e.posting_id = g.id and e.person_id = ${s}.person_id
      where d.subscription_id = ${s}.id and d.reference !~ '^(renewal|stars)-'
      order by d.period desc limit 1
    ) a on true cross join lateral (select ${p}.price_tokens <= a.price and ${p}.days >= a.days as better) b)`
}

/** Tokens for the next period, as `Terms` has them. */
export const nextPrice = (...names: Parameters<typeof termsOfNext>): RawBuilder<bigint | null> =>
  q`(select t.price from ${termsOfNext(...names)} t)`

/** The terms of the period after the one that runs. */
export async function renewalTerms(sql: Sql, { id }: { id: string }): Promise<Terms> {
  const [terms] = await sql.rows(
    loyaltySql
      .selectFrom('subscriptions as s')
      .innerJoin('plans as p', 'p.code', 's.plan')
      .innerJoinLateral(termsOfNext('s', 'p').as('t'), (on) => on.onTrue())
      .select(['t.price', 't.days', 't.rate'])
      .where('s.id', '=', id),
  )
  return terms!
}

/** What a missing token costs in a renewal: no more than was agreed. */
export const rateOfNext = (now: bigint, agreed: bigint | null): bigint =>
  agreed !== null && agreed < now ? agreed : now
