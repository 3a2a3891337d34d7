import type { Producer } from './producer.ts'
import type { QueueName } from './queues.ts'

export const JOB_STATES = ['wait', 'prioritized', 'active', 'delayed', 'failed'] as const
export type JobState = (typeof JOB_STATES)[number]

export interface QueueState {
  name: QueueName
  counts: Record<JobState, number>
  /** Since the oldest job that could run now was due, seconds; 0 = nothing waits. */
  oldestAgeSeconds: number
}

/** Depth and age of one queue over all its partitions. */
export async function queueState(producer: Pick<Producer, 'queues'>, name: QueueName): Promise<QueueState> {
  const queues = producer.queues.get(name)!
  const perPart = await Promise.all(queues.map((queue) => queue.getJobCounts(...JOB_STATES)))
  const counts = Object.fromEntries(
    JOB_STATES.map((state) => [state, perPart.reduce((sum, one) => sum + (one[state] ?? 0), 0)]),
  ) as Record<JobState, number>
  const waiting = queues.filter((_, index) => (perPart[index]?.wait ?? 0) > 0)
  const oldest = await Promise.all(waiting.map((queue) => queue.getJobs(['wait'], 0, 0, true)))
  const dueAt = oldest.flat().map((job) => job.timestamp + (job.delay ?? 0))
  const oldestAgeSeconds = dueAt.length > 0 ? Math.max(0, Date.now() - Math.min(...dueAt)) / 1000 : 0
  return { name, counts, oldestAgeSeconds }
}
