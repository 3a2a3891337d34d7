import type { BullQueue } from './bull.ts'
import type { Producer } from './producer.ts'
import { queueSettings } from './queues.ts'
import type { QueueName, QueueSettings } from './queues.ts'

/**
 * Jobs that an idle process ought to take, by BullMQ queue: those that wait although nobody paused their queue, nothing
 * told it to wait, and there is room. An ordered partition has room for one job over all processes. Any other queue counts
 * as full when as many jobs are at work as one process may have: all of them may be this process's own, and long.
 */
export async function runnableJobs(
  producer: Producer,
  names: readonly QueueName[],
): Promise<Map<string, number>> {
  const nothing = (queue: BullQueue) => [queue.name, 0] as const
  const counts = await Promise.all(
    names.map(async (name) => {
      const queues = producer.queues.get(name)!
      // One question for all partitions; nothing waits most of the time.
      if (!(await producer.someWait(name))) return queues.map(nothing)
      return Promise.all(
        queues.map((queue) =>
          runnableIn(queue, queueSettings[name]).then(
            (runnable) => [queue.name, runnable] as const,
            // Of several servers one may be away: nobody gets on with what is there.
            () => nothing(queue),
          ),
        ),
      )
    }),
  )
  return new Map(counts.flat())
}

async function runnableIn(queue: BullQueue, { ordered, concurrency }: QueueSettings): Promise<number> {
  const { wait = 0, prioritized = 0, active = 0 } = await queue.getJobCounts('wait', 'prioritized', 'active')
  const waiting = wait + prioritized
  if (waiting === 0 || active >= (ordered ? 1 : concurrency)) return 0
  if (await queue.isPaused()) return 0
  // A partition whose first job was put aside waits as a whole: as long as Telegram says, which may be hours.
  return (await queue.getRateLimitTtl()) > 0 ? 0 : waiting
}
