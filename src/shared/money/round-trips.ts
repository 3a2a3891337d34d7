/** An exact positive number: prices and rates are no floats. */
export interface Fraction {
  n: bigint
  d: bigint
}

/** What one unit of `from` becomes at best, in units of `to`. */
export interface Conversion {
  from: string
  to: string
  /** What does it, for the words that a person reads. */
  by: string
  rate: Fraction
}

export interface RoundTrip {
  steps: Conversion[]
  /** Above 1: so many come out for each one put in. */
  gain: Fraction
}

const times = (a: Fraction, b: Fraction): Fraction => ({ n: a.n * b.n, d: a.d * b.d })
const exceeds = (a: Fraction, b: Fraction): boolean => a.n * b.d > b.n * a.d

/**
 * A way through the conversions that ends where it began with more than it began with (Bellman-Ford over products of
 * exact fractions). Rates are the best that can be had, so with rounding against the person nothing beats them.
 * @returns undefined when there is none
 */
export function findRoundTrip(conversions: readonly Conversion[]): RoundTrip | undefined {
  const places = [...new Set(conversions.flatMap(({ from, to }) => [from, to]))]
  const best = new Map<string, Fraction>(places.map((place) => [place, { n: 1n, d: 1n }]))
  const through = new Map<string, Conversion>()
  let last: string | undefined
  for (const _ of places) {
    last = undefined
    for (const conversion of conversions) {
      const reached = times(best.get(conversion.from)!, conversion.rate)
      if (!exceeds(reached, best.get(conversion.to)!)) continue
      best.set(conversion.to, reached)
      through.set(conversion.to, conversion)
      last = conversion.to
    }
    if (last === undefined) return undefined
  }
  return cycleBefore(last!, through, places.length)
}

/** Going back once for each place ends on the cycle, wherever it was left. */
function cycleBefore(place: string, through: Map<string, Conversion>, places: number): RoundTrip {
  let start = place
  for (let step = 0; step < places; step++) start = through.get(start)!.from
  const steps: Conversion[] = []
  let at = start
  do {
    const conversion = through.get(at)!
    steps.unshift(conversion)
    at = conversion.from
  } while (at !== start)
  return { steps, gain: steps.map(({ rate }) => rate).reduce(times) }
}

/** What so many become, rounded down: 1,000 Stars at 1.0044. */
export const becomes = (amount: bigint, { n, d }: Fraction): bigint => (amount * n) / d
