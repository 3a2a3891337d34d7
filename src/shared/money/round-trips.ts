/** An exact positive number: prices and rates are no floats. */
export interface Fraction {
  n: bigint
  d: bigint
}

/** What one unit of `from` becomes at most, in units of `to`. */
export interface Conversion {
  from: string
  to: string
  /** The name of the conversion, for the message to an admin. */
  by: string
  rate: Fraction
}

export interface RoundTrip {
  steps: Conversion[]
  /** How many units come out for each unit put in; above 1. */
  gain: Fraction
}

const times = (a: Fraction, b: Fraction): Fraction => ({ n: a.n * b.n, d: a.d * b.d })
const exceeds = (a: Fraction, b: Fraction): boolean => a.n * b.d > b.n * a.d

/**
 * Finds conversions that end in the asset where they began with more than they began with (Bellman-Ford over products
 * of exact fractions). The rates are the best that a person can get, and rounding is against the person, so real trips
 * gain no more.
 * @returns undefined when there is no such trip
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

/** From any place that was still improved, one step back per place leads onto the cycle. */
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

/** What an amount becomes at this rate, rounded down: 1,000 Stars at 1.0044. */
export const becomes = (amount: bigint, { n, d }: Fraction): bigint => (amount * n) / d
