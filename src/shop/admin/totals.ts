import { sql as q } from 'kysely'
import type { Db, Reads } from '#shared/db/db.ts'
import { counted, ofBots, startOf } from './counted.ts'
import type { CountedBots, Total } from './counted.ts'
import { firstMoment, hoursOf, YESTERDAY } from './hours.ts'
import { WHATS, adminSql } from './tables.ts'
import type { What } from './tables.ts'

/*
 * Statements of this file are by hand: days of Moscow, series of days and what differs from kind to kind are expressions
 * that the builder only quotes. What reads or writes one table is said with the builder.
 */

const COUNTS: ReadonlySet<What> = new Set(['came', 'paid', 'sales'])

export const sumTotals = (found: readonly Total[]): bigint =>
  found.reduce((total, { value }) => total + value, 0n)

/**
 * What each day since `from` brought a bot. Finished days come from the totals, as the sweep counted them last.
 * Yesterday and today come from the totals of hours, if there are any; the rest, and days that were not counted yet, are
 * counted now. A day may come in several parts.
 */
export async function totals(sql: Reads, bot: CountedBots, what: What, from: string): Promise<Total[]> {
  const { day: live, moment } = await firstUncounted(sql, from)
  const over = sql.rows(
    adminSql
      .selectFrom('daily_totals')
      .select([q<string>`to_char(day, 'YYYY-MM-DD')`.as('day'), 'bot', 'part', 'value'])
      .where(ofBots(bot))
      .where('what', '=', what)
      .where('day', '>=', from)
      .where('day', '<', live),
  )
  return [
    ...(await over),
    ...(await sql.rows(hoursOf(what, { from: startOf(live), to: at(moment), bot }))),
    ...(await sql.rows(counted(what, { from: at(moment), to: null, bot }))),
  ]
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
  const { day: live, moment } = await firstUncounted(sql, first.day)
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
    ...(await sql.rows(hoursOf('came', { from: startOf(live), to: at(moment) }))),
    ...(await sql.rows(counted('came', { from: at(moment), to: null }))),
  ])
    people.set(bot, (people.get(bot) ?? 0) + Number(value))
  return people
}

/** Before this day there is nothing to count. */
const FIRST_DAY = q`(least(
  (select min(created_at) from bot_sessions), (select min(created_at) from payments)) at time zone 'Europe/Moscow')::date`

const at = (moment: Date) => q`${moment}::timestamptz`

/**
 * The first day that was not counted yet, yesterday at the latest: what came at midnight may be committed a little
 * later. And the first moment of it that no total of an hour covers. «Offset 0» has the day looked for once, and not wherever it is
 * used.
 */
async function firstUncounted(sql: Reads, from: string): Promise<{ day: string; moment: Date }> {
  const [row] = await sql.rows(q<{ day: string; moment: Date }>`
    select to_char(day, 'YYYY-MM-DD') as day, ${firstMoment(q`day`)} as moment from (
      select coalesce((
        select min(day)::date from generate_series(greatest(${from}::date, ${FIRST_DAY}), ${YESTERDAY} - 1, interval '1 day') day
        where not exists (select from counted_days c where c.day = day.day::date)
      ), greatest(${YESTERDAY}, ${from}::date)) as day offset 0) first`)
  return row!
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
  const next = startOf(new Date(Date.parse(day) + DAY_MS).toISOString().slice(0, 10))
  return await db.tx(async (tx) => {
    // Two processes that count the same day wait for each other.
    await tx.rows(q`
      insert into counted_days (day) values (${day}::date) on conflict (day) do update set counted_at = now()`)
    await tx.rows(q`delete from daily_totals where day = ${day}::date`)
    let things = 0n
    for (const what of WHATS) {
      const found = counted(what, { from: startOf(day), to: next })
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
