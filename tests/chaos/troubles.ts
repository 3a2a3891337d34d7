import { randomOf } from '../lib/random.ts'

/** What breaks the machinery itself. */
export type Trouble =
  | 'kill'
  | 'kill both'
  | 'stop and start'
  | 'freeze'
  | 'redis killed'
  | 'redis wiped'
  | 'postgres restarted'
  | 'postgres crashed'

export interface TroublePlan {
  /** Happens when so many orders are done. */
  after: number
  what: Trouble
  /** The process, or the role both of whose replicas it hits; servers have none. */
  target?: string
}

const OFTEN: readonly (readonly [number, Trouble])[] = [
  [10, 'kill'],
  [2, 'kill both'],
  [4, 'stop and start'],
  [1, 'freeze'],
  [2, 'redis killed'],
  [2, 'redis wiped'],
  [1, 'postgres restarted'],
  [1, 'postgres crashed'],
]

/**
 * Troubles by progress, not by time: a pure function of the arguments. The first ones are one of each kind, in an
 * order of the seed, so that a short run has them all.
 * @param targets names of processes that may die; replicas are `role-1`, `role-2`
 */
export function planTroubles(
  seed: number,
  orders: number,
  count: number,
  targets: readonly string[],
): TroublePlan[] {
  const random = randomOf(Math.imul(seed, 0xc2b2ae35) ^ 0x27d4eb2f)
  const each = OFTEN.map(([, what]) => what)
  const first = each.map((what) => ({ what, at: random.below(1e9) })).toSorted((a, b) => a.at - b.at)
  const roles = [...new Set(targets.filter((name) => /-\d$/.test(name)).map(roleOf))]
  // Every process dies once before any dies twice.
  let left: string[] = []
  const next = () => {
    if (left.length === 0) left = [...targets]
    return left.splice(random.below(left.length), 1)[0]!
  }
  return Array.from({ length: count }, (_, index) => {
    const what = first[index]?.what ?? random.weighted(OFTEN)
    const after = Math.floor(((index + 0.5) * orders) / count)
    if (what === 'kill both') return { after, what, target: random.pick(roles) }
    if (what === 'freeze') return { after, what, target: `${random.pick(roles)}-1` }
    return what === 'kill' || what === 'stop and start' ? { after, what, target: next() } : { after, what }
  })
}

export const roleOf = (name: string): string => name.replace(/-\d$/, '')
