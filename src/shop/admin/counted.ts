import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import { among } from '#shared/owners.ts'
import type { Served } from '#shared/owners.ts'
import { PLAN } from '../loyalty/good.ts'
import { PICTURE } from '../pictures/good.ts'
import { isSold } from './sold.ts'
import type { What } from './tables.ts'

/*
 * Statements of this file are by hand: days of Moscow, and what differs from kind to kind, are expressions that the builder
 * only quotes.
 */

export interface Total {
  /** YYYY-MM-DD, of Moscow. */
  day: string
  bot: string
  part: string
  value: bigint
}

/** One bot by its name, several bots by a list, or every bot. */
export type CountedBots = string | Served
export const ofBots = (bots: CountedBots) => among(q`bot`, typeof bots === 'string' ? [bots] : bots)

/** From this moment to the one before `to` (null = without end), of one bot, of several, or of all. */
export interface Range {
  from: RawBuilder<unknown>
  to: RawBuilder<unknown> | null
  bot?: CountedBots
}

/** The first moment of a day of Moscow. */
export const startOf = (day: string) => q`(${day}::date::timestamp at time zone 'Europe/Moscow')`

/** Each day is found through an index by its own time, so that a day costs only what happened on it. */
export const counted = (what: What, range: Range): RawBuilder<Total> => q<Total>`${countedRows(what, range)}`

function countedRows(what: What, { from, to, bot }: Range): RawBuilder<unknown> {
  const where = (moment: string) => q`
    ${q.ref(moment)} >= ${from} ${to === null ? q`` : q`and ${q.ref(moment)} < ${to}`}
    ${bot === undefined ? q`` : q`and ${ofBots(bot)}`}`
  const day = (moment: string) => q`to_char(${q.ref(moment)} at time zone 'Europe/Moscow', 'YYYY-MM-DD')`
  switch (what) {
    case 'revenue':
      return q`
        select ${day('paid_at')} as day, bot, credit_asset as part, sum(credit_amount)::bigint as value from payments
        where state in ('paid', 'overpaid') and ${where('paid_at')} group by 1, 2, 3`
    case 'ways':
      return q`
        select ${day('paid_at')} as day, bot, provider || ' ' || credit_asset as part,
               sum(credit_amount)::bigint as value from payments
        where state in ('paid', 'overpaid') and ${where('paid_at')} group by 1, 2, 3`
    case 'goods':
      return q`
        select ${day('created_at')} as day, bot, good || ' ' || asset as part, sum(price)::bigint as value from orders
        where state = 'delivered' and ${isSold(q`details`)} and not details ? 'plan' and ${where('created_at')}
        group by 1, 2, 3
        union all
        -- A plan is sold by its posting.
        select ${day('p.created_at')}, p.bot, p.kind || ' ' || e.asset, -sum(e.amount)::bigint
        from postings p join entries e on e.posting_id = p.id
        where p.kind = ${q.lit(PLAN.entry)} and p.bot is not null and e.person_id is not null and ${where('p.created_at')}
        group by 1, 2, 3`
    case 'margins': {
      const priced = q`
        state = 'delivered' and ${isSold(q`details`)} and details ->> 'costRub' is not null and ${where('created_at')}`
      return q`
        select ${day('created_at')} as day, bot, good || ' ' || asset as part, sum(price)::bigint as value from orders
        where ${priced} group by 1, 2, 3
        union all
        select ${day('created_at')}, bot, good || ' cost', sum((details ->> 'costRub')::bigint)::bigint from orders
        where ${priced} group by 1, 2, 3`
    }
    case 'came':
      return q`
        select ${day('created_at')} as day, bot, '' as part, count(*) as value from bot_sessions
        where ${where('created_at')} group by 1, 2`
    case 'paid':
      return q`
        select ${day('created_at')} as day, bot, '' as part, count(*) as value from bot_sessions s
        where ${where('created_at')} and exists (
          select from payments y where y.person_id = s.person_id and y.state in ('paid', 'overpaid'))
        group by 1, 2`
    case 'bills':
      return q`
        select ${day('paid_at')} as day, bot, credit_asset as part, count(*) as value from payments
        where state in ('paid', 'overpaid') and ${where('paid_at')} group by 1, 2, 3`
    case 'bought':
      return q`
        select ${day('created_at')} as day, bot, '' as part, count(*) as value from bot_sessions s
        where ${where('created_at')} and exists (${BOUGHT}) group by 1, 2`
    case 'again':
      return q`
        select ${day('created_at')} as day, bot, '' as part, count(*) as value from bot_sessions s
        where ${where('created_at')} and exists (${BOUGHT} offset 1) group by 1, 2`
    case 'kept':
      return q`
        select ${day('came_at')} as day, bot, week as part, count(*) as value
        from (select s.person_id, s.bot, s.created_at as came_at from bot_sessions s where ${where('created_at')}) s
          cross join lateral (
            select distinct floor(extract(epoch from o.created_at - s.came_at) / 604800)::int::text as week
            from orders o where o.person_id = s.person_id and o.bot = s.bot and o.state = 'delivered'
              and ${IS_ONE} and o.created_at >= s.came_at and o.created_at < s.came_at + interval '12 weeks') k
        group by 1, 2, 3`
    case 'sources':
      return fewTags(q`
        select ${day('created_at')} as day, bot, coalesce(start_param, '') as tag, '' as ending, count(*) as value
        from bot_sessions where ${where('created_at')} group by 1, 2, 3`)
    case 'brought':
      return fewTags(q`
        select ${day('paid_at')} as day, bot, tag, ' ' || credit_asset as ending, sum(credit_amount) as value
        from (
          select paid_at, bot, credit_asset, credit_amount, coalesce((
            select start_param from bot_sessions s where s.bot = y.bot and s.person_id = y.person_id), '') as tag
          from payments y where state in ('paid', 'overpaid') and ${where('paid_at')}) y
        group by 1, 2, 3, 4`)
    case 'sales':
      return q`
        select ${day('created_at')} as day, bot, good as part, count(*) as value from orders
        -- A plan is sold by its posting; only some of them were orders.
        where state = 'delivered' and not details ? 'plan' and ${where('created_at')} group by 1, 2, 3`
  }
}

/**
 * What counts as one purchase: a gift to several people is one, and a picture that is drawn once more is another
 * one.
 */
const IS_ONE = q`(o.parent_id is null or o.good = ${q.lit(PICTURE.kind)})`

/** The purchases of a newcomer `s` in the bot to which they came. */
const BOUGHT = q`
  select from orders o where o.person_id = s.person_id and o.bot = s.bot and o.state = 'delivered' and ${IS_ONE}`

/**
 * Anybody can invent a tag by opening a link, so on each day only the largest tags keep their names; the others are
 * added up.
 */
const TAGS = 20

const fewTags = (rows: RawBuilder<unknown>): RawBuilder<unknown> => q`
  select day, bot, case when place <= ${TAGS}::int or tag = '' then tag else '…' end || ending as part,
         sum(value)::bigint as value
  from (select t.*, dense_rank() over (partition by day, bot, ending order by value desc, tag) as place from (${rows}) t) r
  group by 1, 2, 3`
