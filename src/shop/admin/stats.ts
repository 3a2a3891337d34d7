import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'

export const STATS = ['revenue', 'people', 'conversion', 'sales', 'queues'] as const
export type Stat = (typeof STATS)[number]
export const PERIODS = [7, 30, 90, 365] as const

export interface Series {
  labels: string[]
  values: number[]
  /** Over the period, and over the period of the same length before it. */
  total: number
  before: number
}

/** Days of Moscow, of this period and the one before; the first number is the oldest day's. */
const DAYS = (days: number) => q`
  select d::date as day, d > date_trunc('day', now() at time zone 'Europe/Moscow') - ${days} * interval '1 day' as current
  from generate_series(date_trunc('day', now() at time zone 'Europe/Moscow') - ${2 * days - 1} * interval '1 day',
    date_trunc('day', now() at time zone 'Europe/Moscow'), interval '1 day') d`

const dayOf = (column: string) => q`(${q.ref(column)} at time zone 'Europe/Moscow')::date`
const SINCE = (days: number) => q`now() - ${2 * days + 1} * interval '1 day'`

/**
 * Roubles that came in through a bot, by day: what was credited, tokens counted at their reference price.
 * @param tokenKopecks the price of a token
 */
export function revenue(sql: Sql, bot: string, days: number, tokenKopecks: bigint): Promise<Series> {
  return byDay(
    sql,
    days,
    q`select ${dayOf('paid_at')} as day,
        sum(case credit_asset when 'TOK' then credit_amount * ${tokenKopecks}::bigint
                              when 'RUB' then credit_amount else 0 end) / 100.0 as value
      from payments where bot = ${bot} and state in ('paid', 'overpaid') and paid_at > ${SINCE(days)} group by 1`,
  )
}

/** People who opened the bot for the first time, by day. */
export function newPeople(sql: Sql, bot: string, days: number): Promise<Series> {
  return byDay(
    sql,
    days,
    q`select ${dayOf('created_at')} as day, count(*) as value from bot_sessions
      where bot = ${bot} and created_at > ${SINCE(days)} group by 1`,
  )
}

/** Per cent of each day's newcomers who have paid since. */
export async function conversion(sql: Sql, bot: string, days: number): Promise<Series> {
  const rows = await sql.rows(q<{ label: string; current: boolean; came: number; paid: number }>`
    with days as (${DAYS(days)}), joined as (
      select ${dayOf('s.created_at')} as day, count(*) as came,
        count(*) filter (where exists (select from payments y
          where y.person_id = s.person_id and y.state in ('paid', 'overpaid'))) as paid
      from bot_sessions s where s.bot = ${bot} and s.created_at > ${SINCE(days)} group by 1
    )
    select to_char(days.day, 'DD.MM') as label, days.current, coalesce(came, 0)::float8 as came,
           coalesce(paid, 0)::float8 as paid
    from days left join joined using (day) order by days.day`)
  const share = (list: typeof rows) => {
    const came = list.reduce((sum, row) => sum + row.came, 0)
    return came === 0 ? 0 : (100 * list.reduce((sum, row) => sum + row.paid, 0)) / came
  }
  const current = rows.filter((row) => row.current)
  return {
    labels: current.map((row) => row.label),
    values: current.map((row) => (row.came === 0 ? 0 : (100 * row.paid) / row.came)),
    total: share(current),
    before: share(rows.filter((row) => !row.current)),
  }
}

/** Delivered orders by good. */
export async function sales(sql: Sql, bot: string, days: number): Promise<Series> {
  const rows = await sql.rows(q<{ good: string; value: number; before: number }>`
    select good, count(*) filter (where created_at > now() - ${days} * interval '1 day')::float8 as value,
           count(*) filter (where created_at <= now() - ${days} * interval '1 day')::float8 as before
    from orders where bot = ${bot} and state = 'delivered' and created_at > now() - ${2 * days} * interval '1 day'
    group by good order by value desc limit 10`)
  return {
    labels: rows.map((row) => row.good),
    values: rows.map((row) => row.value),
    total: rows.reduce((sum, row) => sum + row.value, 0),
    before: rows.reduce((sum, row) => sum + row.before, 0),
  }
}

async function byDay(sql: Sql, days: number, found: ReturnType<typeof q>): Promise<Series> {
  const rows = await sql.rows(q<{ label: string; current: boolean; value: number }>`
    with days as (${DAYS(days)}), found as (${found})
    select to_char(days.day, 'DD.MM') as label, days.current, coalesce(found.value, 0)::float8 as value
    from days left join found using (day) order by days.day`)
  const current = rows.filter((row) => row.current)
  const sum = (list: typeof rows) => list.reduce((total, row) => total + row.value, 0)
  return {
    labels: current.map((row) => row.label),
    values: current.map((row) => row.value),
    total: sum(current),
    before: sum(rows.filter((row) => !row.current)),
  }
}
