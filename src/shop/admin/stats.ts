import { sql as q } from 'kysely'
import type { Reads } from '#shared/db/db.ts'
import { hadAnybodyBy, totals } from './totals.ts'
import type { What } from './tables.ts'
import type { CountedBots, Total } from './counted.ts'

export const STATS = ['revenue', 'ways', 'goods', 'people', 'conversion', 'sales', 'queues'] as const
export type Stat = (typeof STATS)[number]
export const PERIODS = [7, 30, 90, 365] as const

export interface Series {
  labels: string[]
  values: number[]
  /** The values of the same days in the period before. */
  earlier?: number[]
  /** The sum over the period and over the period of the same length before it. */
  total: number
  before: number
  /**
   * The part of the period that can be compared: finished days, and as many days before them, because half a day
   * against whole days always looks like a fall. undefined = the shop did not exist during all of that time, and
   * every rise would be one from nothing.
   */
  compared?: { now: number; before: number }
  /** The last value belongs to a day that is not over. */
  unfinished?: boolean
}

/** From this many days on a bar is a week: 365 bars of one pixel would be unreadable. */
const WEEKS_FROM = 180
const WEEK = 7

interface Day {
  day: string
  label: string
  /** Whether the day belongs to this period. The other days belong to the one before. */
  current: boolean
}

/** The days of Moscow in this period and the one before, the oldest first. */
export function daysOf(sql: Reads, days: number): Promise<Day[]> {
  // By hand: a series of days, and no table.
  return sql.rows(q<Day>`
    select to_char(d, 'YYYY-MM-DD') as day, to_char(d, 'DD.MM') as label,
           d > date_trunc('day', now() at time zone 'Europe/Moscow') - ${days} * interval '1 day' as current
    from generate_series(date_trunc('day', now() at time zone 'Europe/Moscow') - ${2 * days - 1} * interval '1 day',
      date_trunc('day', now() at time zone 'Europe/Moscow'), interval '1 day') d`)
}

/**
 * Roubles that came in through one bot or several, by day. The sum is what was credited, with tokens at their
 * reference price.
 * @param tokenKopecks the price of a token
 */
export async function revenue(
  sql: Reads,
  bot: CountedBots,
  days: number,
  tokenKopecks: bigint,
): Promise<Series> {
  const kopecks = ({ part, value }: Total) =>
    part === 'TOK' ? value * tokenKopecks : part === 'RUB' ? value : 0n
  return byDay(sql, bot, 'revenue', days, (total) => Number(kopecks(total)) / 100)
}

/**
 * Roubles by the way they came in, or by what they were spent on, the largest first.
 * @param what ways: Telegram Stars, a vendor, by hand; goods: orders that were delivered, and plans
 */
export async function revenueBy(
  sql: Reads,
  bot: CountedBots,
  what: 'ways' | 'goods',
  days: number,
  tokenKopecks: bigint,
): Promise<Series> {
  const roubles = (total: Total) => {
    const [part = '', asset] = total.part.split(' ')
    const kopecks = asset === 'TOK' ? total.value * tokenKopecks : asset === 'RUB' ? total.value : 0n
    return { ...total, part, value: kopecks }
  }
  return byPart(sql, bot, what, days, roubles, 100)
}

/**
 * What orders whose cost is known left, by day: their prices and what the supplier asked for them, both in roubles.
 * Orders of unknown cost are in neither.
 */
export async function margins(
  sql: Reads,
  bot: CountedBots,
  days: number,
  tokenKopecks: bigint,
): Promise<{ left: Series; sold: number[]; cost: number[] }> {
  const of = (worth: Readonly<Record<string, bigint>>) =>
    byDay(
      sql,
      bot,
      'margins',
      days,
      ({ part, value }) => Number(value * (worth[part.split(' ')[1]!] ?? 0n)) / 100,
    )
  const [left, sold, cost] = await Promise.all([
    of({ RUB: 1n, TOK: tokenKopecks, cost: -1n }),
    of({ RUB: 1n, TOK: tokenKopecks }),
    of({ cost: 1n }),
  ])
  return { left, sold: sold.values, cost: cost.values }
}

/** The average payment in roubles: of each day, and of the whole period. */
export async function averageSum(
  sql: Reads,
  bot: CountedBots,
  days: number,
  tokenKopecks: bigint,
): Promise<Series> {
  const [money, bills] = await Promise.all([
    revenue(sql, bot, days, tokenKopecks),
    byDay(sql, bot, 'bills', days, ({ part, value }) =>
      part === 'TOK' || part === 'RUB' ? Number(value) : 0,
    ),
  ])
  const each = (sum: number, count: number) => (count === 0 ? 0 : sum / count)
  const both = (name: 'values' | 'earlier') =>
    money[name]!.map((sum, place) => each(sum, bills[name]![place]!))
  return {
    ...money,
    values: both('values'),
    earlier: both('earlier'),
    total: each(money.total, bills.total),
    before: each(money.before, bills.before),
    ...(money.compared && {
      compared: {
        now: each(money.compared.now, bills.compared?.now ?? 0),
        before: each(money.compared.before, bills.compared?.before ?? 0),
      },
    }),
  }
}

/** People who opened the bot for the first time, by day. */
export function newPeople(sql: Reads, bot: CountedBots, days: number): Promise<Series> {
  return byDay(sql, bot, 'came', days, ({ value }) => Number(value))
}

/** Per cent of each day's newcomers who have paid since. */
export async function conversion(sql: Reads, bot: CountedBots, days: number): Promise<Series> {
  const all = await daysOf(sql, days)
  const came = sums(await totals(sql, bot, 'came', all[0]!.day))
  const paid = sums(await totals(sql, bot, 'paid', all[0]!.day))
  const share = (list: Day[]) => {
    const of = (found: Map<string, number>) => list.reduce((sum, { day }) => sum + (found.get(day) ?? 0), 0)
    return of(came) === 0 ? 0 : (100 * of(paid)) / of(came)
  }
  const current = all.filter((day) => day.current)
  const earlier = all.filter((day) => !day.current)
  // Today's newcomers hardly had time to pay, so today would look like a fall and is left out.
  const bars = grouped(current.slice(0, -1), days)
  return {
    labels: bars.map(([first]) => first!.label),
    values: bars.map(share),
    total: share(current),
    before: share(earlier),
    ...((await wasThere(sql, bot, earlier)) && {
      compared: { now: share(current.slice(0, -1)), before: share(earlier.slice(1)) },
    }),
  }
}

/** Delivered orders by good. */
export const sales = (sql: Reads, bot: CountedBots, days: number): Promise<Series> =>
  byPart(sql, bot, 'sales', days, (total) => total, 1)

const PARTS_SHOWN = 10

/**
 * One row for each part of a total, the largest first.
 * @param unit the number by which a value is divided before it is drawn
 */
async function byPart(
  sql: Reads,
  bot: CountedBots,
  what: What,
  days: number,
  ofTotal: (total: Total) => Total,
  unit: number,
): Promise<Series> {
  const all = await daysOf(sql, days)
  const currentFrom = all.find((day) => day.current)!.day
  const found = (await totals(sql, bot, what, all[0]!.day)).map(ofTotal)
  const sum = (list: Total[]) => Number(list.reduce((total, { value }) => total + value, 0n)) / unit
  const current = found.filter(({ day }) => day >= currentFrom)
  const parts = [...Map.groupBy(current, ({ part }) => part)]
    .map(([part, list]) => ({ part, value: sum(list) }))
    .filter(({ value }) => value > 0)
    .toSorted((one, other) => other.value - one.value)
    .slice(0, PARTS_SHOWN)
  const earlier = all.filter((day) => !day.current)
  const [today, since] = [all.at(-1)!.day, earlier[1]?.day ?? '']
  return {
    labels: parts.map(({ part }) => part),
    values: parts.map(({ value }) => value),
    total: sum(current),
    before: sum(found.filter(({ day }) => day < currentFrom)),
    ...((await wasThere(sql, bot, earlier)) && {
      compared: {
        now: sum(current.filter(({ day }) => day < today)),
        before: sum(found.filter(({ day }) => day >= since && day < currentFrom)),
      },
    }),
  }
}

/** Whether the shop existed on all of these days: nothing can be compared with a time before it. */
const wasThere = (sql: Reads, bot: CountedBots, earlier: readonly Day[]): Promise<boolean> =>
  hadAnybodyBy(sql, bot, (earlier[1] ?? earlier[0]!).day)

/** One bar for each day, or for each week; the last week ends with the last day. */
function grouped(days: Day[], period: number): Day[][] {
  if (period < WEEKS_FROM) return days.map((day) => [day])
  const bars: Day[][] = []
  for (let end = days.length; end > 0; end -= WEEK) bars.unshift(days.slice(Math.max(0, end - WEEK), end))
  return bars
}

function sums(found: Total[], valueOf = ({ value }: Total) => Number(value)): Map<string, number> {
  const days = new Map<string, number>()
  for (const total of found) days.set(total.day, (days.get(total.day) ?? 0) + valueOf(total))
  return days
}

async function byDay(
  sql: Reads,
  bot: CountedBots,
  what: What,
  days: number,
  valueOf: (total: Total) => number,
): Promise<Series> {
  const all = await daysOf(sql, days)
  const found = sums(await totals(sql, bot, what, all[0]!.day), valueOf)
  const values = (list: Day[]) => list.map(({ day }) => found.get(day) ?? 0)
  const sum = (list: Day[]) => values(list).reduce((total, value) => total + value, 0)
  const current = all.filter((day) => day.current)
  const earlier = all.filter((day) => !day.current)
  const bars = grouped(current, days)
  return {
    labels: bars.map(([first]) => first!.label),
    values: bars.map(sum),
    earlier: grouped(earlier, days).map(sum),
    total: sum(current),
    before: sum(earlier),
    unfinished: true,
    ...((await wasThere(sql, bot, earlier)) && {
      compared: { now: sum(current.slice(0, -1)), before: sum(earlier.slice(1)) },
    }),
  }
}

/** The difference between the finished days and as many days before them, if the shop existed then. */
export function deltaOf({ compared }: Series): { text: string; rising: boolean } | undefined {
  if (!compared || compared.before === 0) return undefined
  const change = (100 * (compared.now - compared.before)) / compared.before
  return { text: `${Math.round(Math.abs(change))} %`, rising: change >= 0 }
}
