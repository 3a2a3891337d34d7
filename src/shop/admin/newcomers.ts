import type { Reads } from '#shared/db/db.ts'
import { sumTotals, totals } from './totals.ts'
import type { CountedBots, Total } from './counted.ts'
import { daysOf } from './stats.ts'

/* What newcomers did later, from the totals of the days on which they came. */

const FUNNEL = ['came', 'paid', 'bought', 'again'] as const

export interface FunnelStep {
  step: (typeof FUNNEL)[number]
  now: number
  before: number
}

/**
 * How many people came, and how many of them paid, bought, and bought once more: in this period and in the one
 * before.
 */
export async function funnel(sql: Reads, bots: CountedBots, days: number): Promise<FunnelStep[]> {
  const all = await daysOf(sql, days)
  const from = all.find(({ current }) => current)!.day
  return Promise.all(
    FUNNEL.map(async (step) => {
      const found = await totals(sql, bots, step, all[0]!.day)
      const now = sumTotals(found.filter(({ day }) => day >= from))
      return { step, now: Number(now), before: Number(sumTotals(found) - now) }
    }),
  )
}

export const COHORT_WEEKS = 12
const WEEK_DAYS = 7

export interface Cohort {
  /** The label of the week's first day. */
  label: string
  came: number
  /**
   * How many of the week's newcomers bought in the first week after they came, and in each later week; undefined =
   * that week is not over.
   */
  bought: (number | undefined)[]
}

/** Newcomers by the week in which they came, the oldest first, and in which of their own weeks they bought. */
export async function cohorts(sql: Reads, bots: CountedBots): Promise<Cohort[]> {
  const all = await daysOf(sql, (COHORT_WEEKS * WEEK_DAYS) / 2)
  const [came, kept] = await Promise.all([
    totals(sql, bots, 'came', all[0]!.day),
    totals(sql, bots, 'kept', all[0]!.day),
  ])
  return Array.from({ length: COHORT_WEEKS }, (_, place) => {
    const first = place * WEEK_DAYS
    const week = all.slice(first, first + WEEK_DAYS).map(({ day }) => day)
    const within = ({ day }: Total) => week.includes(day)
    return {
      label: all[first]!.label,
      came: Number(sumTotals(came.filter(within))),
      bought: Array.from({ length: COHORT_WEEKS }, (_, later) =>
        // A person who came on the last day of that week has had this many days since.
        first + WEEK_DAYS - 1 + (later + 1) * WEEK_DAYS < all.length
          ? Number(sumTotals(kept.filter((one) => within(one) && one.part === String(later))))
          : undefined,
      ),
    }
  })
}

export interface TagSource {
  /** The tag of a link (`?start=`); '' = no tag, '…' = many tags that brought little. */
  tag: string
  came: number
  /** Roubles that people who came by the link paid in this period, whenever they came. */
  revenue: number
}

const SOURCES_SHOWN = 30

/** Where people came from, by the tags of links, and how much money each link brought. */
export async function sources(
  sql: Reads,
  bots: CountedBots,
  days: number,
  tokenKopecks: bigint,
): Promise<TagSource[]> {
  const from = (await daysOf(sql, days)).find(({ current }) => current)!.day
  const [came, brought] = await Promise.all([
    totals(sql, bots, 'sources', from),
    totals(sql, bots, 'brought', from),
  ])
  const found = new Map<string, TagSource>()
  const of = (tag: string): TagSource => {
    const one = found.get(tag) ?? { tag, came: 0, revenue: 0 }
    found.set(tag, one)
    return one
  }
  for (const { part, value } of came) of(part).came += Number(value)
  for (const { part, value } of brought) {
    const end = part.lastIndexOf(' ')
    const [tag, asset] = [part.slice(0, end), part.slice(end + 1)]
    const kopecks = asset === 'TOK' ? value * tokenKopecks : asset === 'RUB' ? value : 0n
    of(tag).revenue += Number(kopecks) / 100
  }
  return [...found.values()]
    .toSorted((one, other) => other.revenue - one.revenue || other.came - one.came)
    .slice(0, SOURCES_SHOWN)
}
