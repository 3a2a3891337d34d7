/** One trouble that struck, in ms of the run's clock, and what shows that it was felt. */
export interface Struck {
  what: string
  from: number
  to: number
  felt: string
}

export interface Rate {
  what: string
  times: number
  /** Orders that ended in a second, before, during and after. */
  before: number
  during: number
  after: number
  felt: string[]
}

/** What recovers at once is looked at for as long as its consequences last. */
const LEAST_MS = 10_000

/**
 * Counts the orders that ended in a second while each kind of trouble lasted, and in as long a time before and after.
 * Troubles overlap in a busy run, so a window may hold the end of another one.
 * @param ended when each order ended
 * @param bounds when buying began and ended: what lies outside counts as no time
 */
export function ratesOf(
  struck: readonly Struck[],
  ended: readonly number[],
  bounds: [number, number],
): Rate[] {
  const within = (from: number, to: number) => {
    const [start, end] = [Math.max(from, bounds[0]), Math.min(to, bounds[1])]
    return { orders: ended.filter((at) => at >= start && at < end).length, ms: Math.max(0, end - start) }
  }
  const rate = (spans: ReturnType<typeof within>[]) => {
    const [orders, ms] = spans.reduce(([sum, time], one) => [sum + one.orders, time + one.ms], [0, 0])
    return ms! > 0 ? Math.round((orders! / ms!) * 10_000) / 10 : 0
  }
  return [...Map.groupBy(struck, ({ what }) => what)]
    .map(([what, all]) => {
      const spans = all.map(({ from, to }) => ({ from, ms: Math.max(LEAST_MS, to - from) }))
      return {
        what,
        times: all.length,
        before: rate(spans.map(({ from, ms }) => within(from - ms, from))),
        during: rate(spans.map(({ from, ms }) => within(from, from + ms))),
        after: rate(spans.map(({ from, ms }) => within(from + ms, from + 2 * ms))),
        felt: [...new Set(all.map(({ felt }) => felt))].filter(Boolean),
      }
    })
    .toSorted((a, b) => a.what.localeCompare(b.what))
}
