import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import { totals } from './totals.ts'
import type { Total, What } from './totals.ts'

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

interface Day {
  day: string
  label: string
  /** Of this period, not of the one before. */
  current: boolean
}

/** Days of Moscow, of this period and the one before, the oldest first. */
function daysOf(sql: Sql, days: number): Promise<Day[]> {
  return sql.rows(q<Day>`
    select to_char(d, 'YYYY-MM-DD') as day, to_char(d, 'DD.MM') as label,
           d > date_trunc('day', now() at time zone 'Europe/Moscow') - ${days} * interval '1 day' as current
    from generate_series(date_trunc('day', now() at time zone 'Europe/Moscow') - ${2 * days - 1} * interval '1 day',
      date_trunc('day', now() at time zone 'Europe/Moscow'), interval '1 day') d`)
}

/**
 * Roubles that came in through a bot, by day: what was credited, tokens counted at their reference price.
 * @param tokenKopecks the price of a token
 */
export async function revenue(sql: Sql, bot: string, days: number, tokenKopecks: bigint): Promise<Series> {
  const kopecks = ({ part, value }: Total) =>
    part === 'TOK' ? value * tokenKopecks : part === 'RUB' ? value : 0n
  return byDay(sql, bot, 'revenue', days, (total) => Number(kopecks(total)) / 100)
}

/** People who opened the bot for the first time, by day. */
export function newPeople(sql: Sql, bot: string, days: number): Promise<Series> {
  return byDay(sql, bot, 'came', days, ({ value }) => Number(value))
}

/** Per cent of each day's newcomers who have paid since. */
export async function conversion(sql: Sql, bot: string, days: number): Promise<Series> {
  const all = await daysOf(sql, days)
  const came = sums(await totals(sql, bot, 'came', all[0]!.day))
  const paid = sums(await totals(sql, bot, 'paid', all[0]!.day))
  const share = (list: Day[]) => {
    const of = (found: Map<string, number>) => list.reduce((sum, { day }) => sum + (found.get(day) ?? 0), 0)
    return of(came) === 0 ? 0 : (100 * of(paid)) / of(came)
  }
  const current = all.filter((day) => day.current)
  return {
    labels: current.map(({ label }) => label),
    values: current.map((day) => share([day])),
    total: share(current),
    before: share(all.filter((day) => !day.current)),
  }
}

const GOODS_SHOWN = 10

/** Delivered orders by good. */
export async function sales(sql: Sql, bot: string, days: number): Promise<Series> {
  const all = await daysOf(sql, days)
  const currentFrom = all.find((day) => day.current)!.day
  const found = await totals(sql, bot, 'sales', all[0]!.day)
  const byGood = (list: Total[]) => {
    const goods = new Map<string, number>()
    for (const { part, value } of list) goods.set(part, (goods.get(part) ?? 0) + Number(value))
    return [...goods].toSorted((a, b) => b[1] - a[1]).filter((_, place) => place < GOODS_SHOWN)
  }
  const sum = (list: Total[]) => list.reduce((total, { value }) => total + Number(value), 0)
  const current = found.filter(({ day }) => day >= currentFrom)
  const goods = byGood(current)
  return {
    labels: goods.map(([good]) => good),
    values: goods.map(([, count]) => count),
    total: sum(current),
    before: sum(found.filter(({ day }) => day < currentFrom)),
  }
}

function sums(found: Total[], valueOf = ({ value }: Total) => Number(value)): Map<string, number> {
  const days = new Map<string, number>()
  for (const total of found) days.set(total.day, (days.get(total.day) ?? 0) + valueOf(total))
  return days
}

async function byDay(
  sql: Sql,
  bot: string,
  what: What,
  days: number,
  valueOf: (total: Total) => number,
): Promise<Series> {
  const all = await daysOf(sql, days)
  const found = sums(await totals(sql, bot, what, all[0]!.day), valueOf)
  const values = (list: Day[]) => list.map(({ day }) => found.get(day) ?? 0)
  const sum = (list: Day[]) => values(list).reduce((total, value) => total + value, 0)
  const current = all.filter((day) => day.current)
  return {
    labels: current.map(({ label }) => label),
    values: values(current),
    total: sum(current),
    before: sum(all.filter((day) => !day.current)),
  }
}
