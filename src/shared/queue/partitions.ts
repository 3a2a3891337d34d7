import type { Redis } from 'ioredis'
import type { QueueBackend } from './backend.ts'
import type { QueueServer } from './queue-server.ts'
import { connectionName } from './connection-name.ts'
import { bullNames, queueNames, queueSettings } from './queues.ts'
import type { QueueSettings } from './queues.ts'

const LEFT = ['wait', 'prioritized', 'active', 'delayed'] as const

/**
 * Checks whether this process may work with its number of partitions, and its doors with their spread over the
 * servers. If two processes used different numbers, one chat would be in two partitions and be worked on twice at
 * once. So the number is stored in Redis; it changes only when no process uses the old one and the old partitions are
 * empty. If two doors disagreed about the spread, updates of one chat would go to two servers and run at once or in
 * the wrong order.
 * @returns undefined = the process may work; otherwise a sentence that says why not and what to do
 */
export async function partitionProblem(backend: QueueBackend, prefix: string): Promise<string | undefined> {
  const { servers } = backend
  const said = await Promise.allSettled(servers.map((server) => problemOn(server, backend, prefix)))
  const problem = said.find((one) => one.status === 'fulfilled' && one.value !== undefined)
  if (problem?.status === 'fulfilled') return problem.value
  for (const one of said) if (one.status === 'rejected') throw one.reason
  return undefined
}

async function problemOn(
  server: QueueServer,
  { partitions, spread }: Pick<QueueBackend, 'partitions' | 'spread'>,
  prefix: string,
): Promise<string | undefined> {
  const { redis } = server
  // Without Redis there is only this process, so it cannot disagree with another one.
  if (!redis) return undefined
  const others = await running(redis, prefix)
  if (spread !== undefined && others.some((other) => other.spread !== undefined && other.spread !== spread))
    return 'gateways are running that put the chats on other Redis servers than these settings say, and a chat on two servers loses its order. Stop all gateways, then start them with the new settings: docs/scaling.md, "Moving queues".'
  const key = server.key('partitions')
  const known = Number((await redis.get(key)) ?? 0)
  if (known === partitions) return undefined
  const says = (what: string) =>
    `this release has ${partitions} partitions of updates, and ${what}. Another number is no rolling update: docs/scaling.md, "Changing the number of partitions".`
  const other = others.find((one) => one.partitions !== partitions)
  if (other) return says(`processes with ${other.partitions} of them are running`)
  if (known > 0) {
    const left = await jobsIn(server, known)
    if (left > 0) return says(`${left} jobs are left in the ${known} before; start the release before again`)
  }
  await redis.set(key, partitions)
  return undefined
}

/** The numbers that connected processes work with; empty if a managed Redis hides its list of clients. */
async function running(redis: Redis, prefix: string): Promise<{ partitions: number; spread?: string }[]> {
  const list = String(await redis.client('LIST').catch(() => ''))
  const name = ` name=${connectionName(prefix, 0).slice(0, -1)}`
  const database = ` db=${redis.options.db ?? 0} `
  return list.split('\n').flatMap((line) => {
    const at = line.indexOf(name)
    if (at < 0 || !line.includes(database)) return []
    const [, partitions, spread] = /^(\d+)(?::doors=(\w+))?/.exec(line.slice(at + name.length)) ?? []
    return [{ partitions: Number(partitions), ...(spread !== undefined && { spread }) }]
  })
}

async function jobsIn(server: QueueServer, partitions: number): Promise<number> {
  const ordered = queueNames.filter((name) => (queueSettings[name] as QueueSettings).ordered)
  const counts = await Promise.all(
    ordered
      .flatMap((name) => bullNames(name, partitions))
      .map(async (name) => {
        const queue = server.queue(name).on('error', () => {})
        const count = await queue.getJobCounts(...LEFT)
        await queue.close()
        return LEFT.reduce((sum, state) => sum + (count[state] ?? 0), 0)
      }),
  )
  return counts.reduce((sum, one) => sum + one, 0)
}
