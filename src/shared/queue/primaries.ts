import type { BullQueue, Processor, PutOff, WorkerTuning } from './bull.ts'
import { connectionName } from './connection-name.ts'
import { addressesOf, homesOf, spreadOf } from './queue-map.ts'
import type { RedisTarget } from './queue-map.ts'
import type { QueueServer } from './queue-server.ts'
import { putOffInPartition } from './partition-backend.ts'
import { openRedis } from './redis-backend.ts'
import { redisIsAway } from './redis-errors.ts'

/**
 * One or several Redis servers: each BullMQ queue belongs to one of them, and everything that is no queue belongs to
 * the server of REDIS_URL. While one server is away, the queues of the others go on.
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
      // Jobs on a server that is away cannot be taken by anybody, so only the servers that answer are counted.
      if (answers.every((answer) => answer.status === 'rejected')) throw answers[0]!.reason
      return answers.some((answer) => answer.status === 'fulfilled' && answer.value)
    },
    keepEvents: (queue: BullQueue, count: number) => home(queue.name).keepEvents(queue, count),
    worker: (name: string, process: Processor, tuning: WorkerTuning) =>
      home(name).worker(name, process, tuning),
    putOffInOrder: (putOff: PutOff): Promise<void> => putOffInPartition(putOff),
    isAway: redisIsAway,
    async ping() {
      const answers = await Promise.allSettled(opened.map((server) => server.ping()))
      if (answers.every((answer) => answer.status === 'rejected')) throw answers[0]!.reason
    },
    redis: first.redis,
    key: (name: string) => first.key(name),
    beat: first.beat,
    close: async () => void (await Promise.all(opened.map((server) => server.close()))),
  }
}

export interface ServersState {
  /** At least one queue server works; the jobs of servers that are away wait. */
  some: boolean
  /** The addresses of the servers that are away, without passwords. */
  away: string[]
  /**
   * The parts that readiness reports: the queue as a whole and, if there are several servers, each one that is away.
   */
  parts: Record<string, string>
}

const LOOK_MS = 2_000

/** Asks every queue server whether it works. */
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
