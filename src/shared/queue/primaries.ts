import { holdQueue } from './bull.ts'
import type { BullQueue, Processor, PutOff, WorkerTuning } from './bull.ts'
import { connectionName } from './connection-name.ts'
import { addressesOf, homesOf, spreadOf } from './queue-map.ts'
import type { RedisTarget } from './queue-map.ts'
import type { QueueServer } from './queue-server.ts'
import { openRedis } from './redis-backend.ts'
import { redisIsAway } from './redis-errors.ts'

/**
 * One or several Redis servers: each BullMQ queue belongs to one of them, and whatever is no queue to that of REDIS_URL.
 * One that is away leaves the queues of the others at work.
 */
export async function openPrimaries({ url, map, doors }: RedisTarget, prefix: string, partitions: number) {
  const addresses = addressesOf(url, map)
  const homes = homesOf(url, map, partitions)
  const spread = doors ? spreadOf(homes) : undefined
  const name = connectionName(prefix, partitions, spread)
  const opened = await Promise.all(
    addresses.map((address) => openRedis(address, prefix, name, addresses.length > 1)),
  )
  const servers = new Map(addresses.map((address, index) => [address, opened[index]!]))
  const first = servers.get(url)!
  const home = (name: string): QueueServer => servers.get(homes.get(name) ?? url)!
  return {
    kind: 'redis' as const,
    servers: opened as readonly QueueServer[],
    home,
    partitions,
    spread,
    queue: (name: string) => home(name).queue(name),
    async someWait(queues: BullQueue[]) {
      const groups = Map.groupBy(queues, (queue) => home(queue.name))
      const answers = await Promise.allSettled([...groups].map(([server, some]) => server.someWait(some)))
      // What a server that is away holds waits as well, and nobody can take it.
      if (answers.every((answer) => answer.status === 'rejected')) throw answers[0]!.reason
      return answers.some((answer) => answer.status === 'fulfilled' && answer.value)
    },
    keepEvents: (queue: BullQueue, count: number) => home(queue.name).keepEvents(queue, count),
    worker: (name: string, process: Processor, tuning: WorkerTuning) =>
      home(name).worker(name, process, tuning),
    /** A job that the rate limit sent back stays the first of its partition. */
    putOffInOrder: (putOff: PutOff): Promise<void> => holdQueue(putOff),
    isAway: redisIsAway,
    async ping() {
      const answers = await Promise.allSettled(opened.map((server) => server.ping()))
      if (answers.every((answer) => answer.status === 'rejected')) throw answers[0]!.reason
    },
    redis: first.redis,
    key: (name: string) => `${prefix}:${name}`,
    beat: first.beat,
    close: async () => void (await Promise.all(opened.map((server) => server.close()))),
  }
}

export interface ServersState {
  /** Some of it can be used, and the rest waits. */
  some: boolean
  /** The places of those that are away. */
  away: string[]
  /** What readiness names: the queue as a whole, and where there are several servers those that are away. */
  parts: Record<string, string>
}

const LOOK_MS = 2_000

/** What the servers of the queues say. */
export async function stateOfServers(
  servers: readonly Pick<QueueServer, 'place' | 'ping'>[],
): Promise<ServersState> {
  const states = await Promise.all(
    servers.map(async ({ place, ping }) => {
      const late = new Promise<void>((_, reject) =>
        setTimeout(() => reject(new Error(`no answer within ${LOOK_MS} ms`)), LOOK_MS).unref(),
      )
      const state = await Promise.race([ping(), late]).then(
        () => 'ok',
        (error: unknown) => (error as Error).message || 'does not answer',
      )
      return [place, state] as const
    }),
  )
  const away = states.filter(([, state]) => state !== 'ok')
  const some = away.length < states.length
  const queue =
    away.length === 0 ? 'ok' : some ? `${away.length} of ${states.length} servers away` : away[0]![1]
  return {
    some,
    away: away.map(([place]) => place),
    parts: {
      queue,
      ...(states.length > 1 && Object.fromEntries(away.map(([place, state]) => [`redis ${place}`, state]))),
    },
  }
}
