/** mulberry32: small, and the same everywhere for the same seed. */
export function randomOf(seed: number) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (limit: number) => Math.floor(next() * limit)
  const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T
  const weighted = <T>(from: readonly (readonly [number, T])[]): T => {
    let at = below(from.reduce((sum, [weight]) => sum + weight, 0))
    return from.find(([weight]) => (at -= weight) < 0)![1]
  }
  const chance = (share: number) => next() < share
  return { below, pick, weighted, chance }
}

export type Random = ReturnType<typeof randomOf>
