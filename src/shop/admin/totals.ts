import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import type { Db, Reads } from '#shared/db/db.ts'
import { among } from '#shared/owners.ts'
import type { Served } from '#shared/owners.ts'
import { PLAN } from '../loyalty/good.ts'
import { PICTURE } from '../pictures/good.ts'
import { isSold } from './sold.ts'
import { WHATS, adminSql } from './tables.ts'
import type { What } from './tables.ts'

/*
 * Statements of this file are by hand: days of Moscow, series of days and what differs from kind to kind are expressions
 * that the builder only quotes. What reads or writes one table is said with the builder.
 */

const COUNTS: ReadonlySet<What> = new Set(['came', 'paid', 'sales'])

export interface Total {
  /** YYYY-MM-DD, of Moscow. */
  day: string
  bot: string
  part: string
  value: bigint
}

/** One bot by its name, several bots by a list, or every bot. */
export type CountedBots = string | Served
const ofBots = (bots: CountedBots) => among(q`bot`, typeof bots === 'string' ? [bots] : bots)

/** The days from `from` to the day before `to` (null = without end), of one bot, of several, or of all. */
interface Range {
  from: string
  to: string | null
  bot?: CountedBots
}

const startOf = (day: string) => q`(${day}::date::timestamp at time zone 'Europe/Moscow')`

/** Each day is found through an index by its own time, so that a day costs only what happened on it. */
const counted = (what: What, range: Range): RawBuilder<Total> => q<Total>`${countedRows(what, range)}`

function countedRows(what: What, { from, to, bot }: Range): RawBuilder<unknown> {
  const where = (moment: string) => q`
    ${q.ref(moment)} >= ${startOf(from)} ${to === null ? q`` : q`and ${q.ref(moment)} < ${startOf(to)}`}
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

export const sumTotals = (found: readonly Total[]): bigint =>
  found.reduce((total, { value }) => total + value, 0n)

/**
 * What each day since `from` brought a bot. Finished days come from the totals, as the sweep counted them last.
 * Yesterday, today and days that were not counted yet are counted now.
 */
export async function totals(sql: Reads, bot: CountedBots, what: What, from: string): Promise<Total[]> {
  const live = await firstUncounted(sql, from)
  const over = sql.rows(
    adminSql
      .selectFrom('daily_totals')
      .select([q<string>`to_char(day, 'YYYY-MM-DD')`.as('day'), 'bot', 'part', 'value'])
      .where(ofBots(bot))
      .where('what', '=', what)
      .where('day', '>=', from)
      .where('day', '<', live),
  )
  return [...(await over), ...(await sql.rows(counted(what, { from: live, to: null, bot })))]
}

/**
 * Whether anybody came or paid in one of these bots on this day or before it. It reads one row of each from the
 * index.
 */
export async function hadAnybodyBy(sql: Reads, bots: CountedBots, day: string): Promise<boolean> {
  const names = typeof bots === 'string' ? [bots] : bots
  const found = await sql.rows(q`
    select 1 from ${names ? q`unnest(${[...names]}::text[]) b (name)` : q`bots b`}
      cross join unnest(array['came', 'revenue']) w (what)
      cross join lateral (
        select t.day from daily_totals t where t.bot = b.name and t.what = w.what order by t.day limit 1) first
    where first.day <= ${day}::date limit 1`)
  return found.length > 0
}

/** How many people each bot has ever had. */
export async function peopleOfBots(sql: Reads): Promise<Map<string, number>> {
  const day = q<string | null>`to_char(min(created_at) at time zone 'Europe/Moscow', 'YYYY-MM-DD')`
  const [first] = await sql.rows(adminSql.selectFrom('bot_sessions').select(day.as('day')))
  if (!first?.day) return new Map()
  const live = await firstUncounted(sql, first.day)
  const over = sql.rows(
    adminSql
      .selectFrom('daily_totals')
      .select(['bot', q<bigint>`sum(value)::bigint`.as('value')])
      .where('what', '=', 'came')
      .where('day', '<', live)
      .groupBy('bot'),
  )
  const people = new Map<string, number>()
  for (const { bot, value } of [
    ...(await over),
    ...(await sql.rows(counted('came', { from: live, to: null }))),
  ])
    people.set(bot, (people.get(bot) ?? 0) + Number(value))
  return people
}

const YESTERDAY = q`((now() at time zone 'Europe/Moscow')::date - 1)`

/** Before this day there is nothing to count. */
const FIRST_DAY = q`(least(
  (select min(created_at) from bot_sessions), (select min(created_at) from payments)) at time zone 'Europe/Moscow')::date`

/**
 * The first day that was not counted yet, yesterday at the latest: what came at midnight may be committed a little
 * later.
 */
async function firstUncounted(sql: Reads, from: string): Promise<string> {
  const [row] = await sql.rows(q<{ day: string }>`
    select to_char(coalesce((
      select min(day) from generate_series(greatest(${from}::date, ${FIRST_DAY}), ${YESTERDAY} - 1, interval '1 day') day
      where not exists (select from counted_days c where c.day = day.day::date)
    ), greatest(${YESTERDAY}, ${from}::date)), 'YYYY-MM-DD') as day`)
  return row!.day
}

/** Days counted per minute at most: all days of two years are counted again within an hour. */
const DAYS_AT_ONCE = 12
/**
 * A run stops early after so many counted rows: with a million people it counts three days a minute (50 ms each), a
 * year in two hours.
 */
const COUNTED_AT_ONCE = 20_000

/** Counts the days that were counted longest ago, each by itself. */
export async function countDays(db: Db, atOnce = COUNTED_AT_ONCE): Promise<void> {
  const days = await db.rows(q<{ day: string }>`
    select to_char(d, 'YYYY-MM-DD') as day
    from generate_series(${FIRST_DAY}, ${YESTERDAY} - 1, interval '1 day') d
      left join counted_days c on c.day = d::date
    order by c.counted_at nulls first, d desc limit ${DAYS_AT_ONCE}`)
  let counted = 0n
  for (const { day } of days) {
    counted += await countDay(db, day)
    if (counted >= atOnce) break
  }
}

const DAY_MS = 86_400_000

/** @returns how many rows of that day were counted */
async function countDay(db: Db, day: string): Promise<bigint> {
  const next = new Date(Date.parse(day) + DAY_MS).toISOString().slice(0, 10)
  return await db.tx(async (tx) => {
    // Two processes that count the same day wait for each other.
    await tx.rows(q`
      insert into counted_days (day) values (${day}::date) on conflict (day) do update set counted_at = now()`)
    await tx.rows(q`delete from daily_totals where day = ${day}::date`)
    let things = 0n
    for (const what of WHATS) {
      const found = counted(what, { from: day, to: next })
      const rows = await tx.rows(
        adminSql
          .insertInto('daily_totals')
          .columns(['day', 'bot', 'what', 'part', 'value'])
          .expression(q`select day::date, bot, ${what}, part, value from (${found}) counted`)
          .returning('value'),
      )
      // A sum of money does not say how many payments it has, so it is left out of the count.
      if (COUNTS.has(what)) for (const { value } of rows) things += value
    }
    return things
  })
}
