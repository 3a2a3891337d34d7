import type { QueueBackend } from './backend.ts'
import type { BullQueue } from './bull.ts'
import { LOOK_THROUGH } from './take-by-chats.ts'
import type { Producer } from './producer.ts'
import { queueSettings } from './queues.ts'
import type { QueueName, QueueSettings } from './queues.ts'

/**
 * Counts, per BullMQ queue, the jobs that an idle process should take: they wait, nobody paused their queue, no rate
 * limit holds it, and there is room. An ordered partition counts as full with one job over all processes; a job without a lock
 * takes no room, because no process works on it. Any other queue counts as full when as many jobs are running as one
 * process may run: all of them may be long jobs of this process.
 */
export async function runnableJobs(
  { producer, backend }: { producer: Producer; backend: Pick<QueueBackend, 'home'> },
  names: readonly QueueName[],
): Promise<Map<string, number>> {
  const nothing = (queue: BullQueue) => [queue.name, 0] as const
  const counts = await Promise.all(
    names.map(async (name) => {
      const queues = producer.queues.get(name)!
      // One command for all partitions, because most of the time no job waits.
      if (!(await producer.someWait(name))) return queues.map(nothing)
      return Promise.all(
        queues.map((queue) =>
          runnableIn(queue, backend.home(queue.name).redis, queueSettings[name]).then(
            (runnable) => [queue.name, runnable] as const,
            // If one of several servers is away, nobody can take the jobs there, so they do not count.
            () => nothing(queue),
          ),
        ),
      )
    }),
  )
  return new Map(counts.flat())
}

async function runnableIn(
  queue: BullQueue,
  redis: QueueBackend['redis'],
  { ordered, concurrency }: QueueSettings,
): Promise<number> {
  const { wait = 0, prioritized = 0, active = 0 } = await queue.getJobCounts('wait', 'prioritized', 'active')
  const waiting = wait + prioritized
  const isFull = active >= (ordered ? 1 : concurrency)
  if (waiting === 0 || (isFull && !(ordered && redis && (await nobodyWorks(queue, redis))))) return 0
  if (await queue.isPaused()) return 0
  // A queue that waits as a whole, or an update that is put off, waits for as long as Telegram asked, which may be hours.
  if ((await queue.getRateLimitTtl()) > 0) return 0
  return ordered && redis ? await notPutOff(queue, redis) : waiting
}

/** How many of the oldest jobs of a partition may be taken: neither they nor an earlier one of their chat is put off. */
async function notPutOff(queue: BullQueue, redis: NonNullable<QueueBackend['redis']>): Promise<number> {
  const ids = await redis.lrange(queue.toKey('wait'), -LOOK_THROUGH, -1)
  const [time, ...jobs] = await Promise.all([
    redis.time(),
    ...ids.toReversed().map((id) => redis.hmget(queue.toKey(id), 'chat', 'due', 'off')),
  ])
  const now = Number(time[0]) * 1_000 + Math.floor(Number(time[1]) / 1_000)
  const waits = new Set<string>()
  const free = jobs.filter(([chat, due, ms]) => {
    const rest = Number(due ?? 0) - now
    if (rest > 0 && rest <= Number(ms ?? rest)) waits.add(chat ?? '')
    return !waits.has(chat ?? '')
  })
  return free.length
}

/** Whether the jobs at work have lost their lock, and the look at all partitions does not return them. */
async function nobodyWorks(queue: BullQueue, redis: NonNullable<QueueBackend['redis']>): Promise<boolean> {
  const ids = await redis.lrange(queue.toKey('active'), 0, -1)
  return ids.length > 0 && (await redis.exists(...ids.map((id) => `${queue.toKey(id)}:lock`))) === 0
}
