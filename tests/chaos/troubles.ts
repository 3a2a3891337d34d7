import { randomOf } from '../lib/random.ts'

/** What can break in the machinery itself. */
export type Trouble =
  | 'kill'
  | 'kill both'
  | 'stop and start'
  | 'freeze'
  | 'redis killed'
  | 'redis wiped'
  | 'postgres restarted'
  | 'postgres crashed'
  | 'host cut off'
  | 'host hears nobody'
  | 'host heard by nobody'
  | 'host far away'
  | 'host clock apart'
  | 'disk full'
  | 'memory limit'

export interface TroublePlan {
  /** The trouble strikes when so many orders are done. */
  after: number
  what: Trouble
  /** What it strikes: a process, a role (both of its replicas), a host, a disk, or one of several servers. */
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

/** Troubles of a host, each with its weight: its wire is cut or a far one, or its clock is wrong. */
const OF_HOSTS: readonly (readonly [number, Trouble])[] = [
  [3, 'host cut off'],
  [2, 'host hears nobody'],
  [2, 'host heard by nobody'],
  [2, 'host far away'],
  [2, 'host clock apart'],
]

/** What a run has besides the processes that may die. */
export interface Beside {
  /** Names of the hosts, where the processes are on several. */
  hosts?: readonly string[]
  /** Names of the Redis servers, where there are several. */
  redis?: readonly string[]
  /** Names of the disks that can be full. */
  disks?: readonly string[]
  /** Whether the kernel limits the memory of processes. */
  limits?: boolean
}

/**
 * Plans the troubles by progress, not by time: a pure function of its arguments. The first ones are one of
 * each kind, in an order that the seed decides, so that a short run has all kinds.
 * @param targets names of processes that may die; replicas are `role-1`, `role-2`
 */
export function planTroubles(
  seed: number,
  orders: number,
  count: number,
  targets: readonly string[],
  { hosts = [], redis = [], disks = [], limits = false }: Beside = {},
): TroublePlan[] {
  const random = randomOf(Math.imul(seed, 0xc2b2ae35) ^ 0x27d4eb2f)
  const kinds = [
    ...OFTEN,
    ...(hosts.length > 0 ? OF_HOSTS : []),
    ...(disks.length > 0 ? [[2, 'disk full'] as const] : []),
    ...(limits ? [[2, 'memory limit'] as const] : []),
  ]
  const each = kinds.map(([, what]) => what)
  const first = each.map((what) => ({ what, at: random.below(1e9) })).toSorted((a, b) => a.at - b.at)
  const roles = [...new Set(targets.filter((name) => /-\d$/.test(name)).map(roleOf))]
  // Every process dies once before any dies twice.
  let left: string[] = []
  const next = () => {
    if (left.length === 0) left = [...targets]
    return left.splice(random.below(left.length), 1)[0]!
  }
  return Array.from({ length: count }, (_, index) => {
    const what = first[index]?.what ?? random.weighted(kinds)
    const after = Math.floor(((index + 0.5) * orders) / count)
    if (what === 'kill both') return { after, what, target: random.pick(roles) }
    if (what.startsWith('host')) return { after, what, target: random.pick(hosts) }
    if (what === 'disk full') return { after, what, target: random.pick(disks) }
    if (what.startsWith('redis') && redis.length > 0) return { after, what, target: random.pick(redis) }
    if (what === 'freeze') return { after, what, target: `${random.pick(roles)}-1` }
    const ofProcesses = what === 'kill' || what === 'stop and start' || what === 'memory limit'
    return ofProcesses ? { after, what, target: next() } : { after, what }
  })
}

export const roleOf = (name: string): string => name.replace(/-\d$/, '')
