import type { JobType } from 'bullmq'
import type { QueueBackend } from './backend.ts'
import type { BullQueue } from './bull.ts'
import { dueSince } from './job.ts'
import type { Producer } from './producer.ts'
import { queueNames } from './queues.ts'
import type { QueueName } from './queues.ts'

const JOB_STATES = ['wait', 'prioritized', 'active', 'delayed', 'failed', 'paused'] as const
/** BullMQ's types leave out the paused ones, which its PostgreSQL back end counts when they are asked for by name. */
const ASKED = [...JOB_STATES] as JobType[]

export interface QueueState {
  name: QueueName
  /**
   * due = delayed jobs whose time has come: a worker would move them on, and without a worker they stay. paused = jobs
   * that would wait if nobody had paused their queue; they count in no other state.
   */
  counts: Record<(typeof JOB_STATES)[number] | 'due', number>
  /** Seconds since the oldest runnable job became due; 0 = no job waits, or all that wait are paused. */
  oldestAgeSeconds: number
  /** How many partitions somebody paused; a queue without partitions counts as one. */
  paused: number
}

/**
 * The state of every queue, without servers that are away.
 * @throws when all servers are away
 */
export async function queueStates(app: Parameters<typeof queueState>[0]): Promise<QueueState[]> {
  const answers = await Promise.allSettled(queueNames.map((name) => queueState(app, name)))
  const states = answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  for (const one of answers) if (states.length === 0 && one.status === 'rejected') throw one.reason
  return states
}

interface PartState {
  counts: Record<string, number>
  paused: boolean
  /** When the oldest runnable job became due, ms; the present moment when no job waits. */
  dueAt: number
}

/**
 * Depth and age of one queue over all its partitions, without servers that are away.
 * @throws when all its servers are away
 */
export async function queueState(
  { producer, backend }: { producer: Pick<Producer, 'queues'>; backend: Pick<QueueBackend, 'home'> },
  name: QueueName,
): Promise<QueueState> {
  const queues = producer.queues.get(name)!
  const now = Date.now()
  const answers = await Promise.allSettled(
    queues.map((queue) => partState(queue, backend.home(queue.name).redis, now)),
  )
  const parts = answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const away = answers.filter((one) => one.status === 'rejected')
  if (parts.length === 0) throw away[0]!.reason
  const sum = (state: keyof QueueState['counts']) =>
    parts.reduce((total, { counts }) => total + (counts[state] ?? 0), 0)
  const since = Math.min(...parts.map(({ dueAt }) => dueAt))
  return {
    name,
    counts: {
      wait: sum('wait'),
      prioritized: sum('prioritized'),
      active: sum('active'),
      delayed: sum('delayed'),
      failed: sum('failed'),
      due: sum('due'),
      paused: sum('paused'),
    },
    oldestAgeSeconds: Math.max(0, now - since) / 1000,
    paused: parts.filter(({ paused }) => paused).length,
  }
}

async function partState(queue: BullQueue, redis: QueueBackend['redis'], now: number): Promise<PartState> {
  const counts: Record<string, number> = await queue.getJobCounts(...ASKED)
  const paused = await queue.isPaused()
  let dueAt = now
  if (paused) {
    // Redis counts paused jobs as waiting; PostgreSQL counts them as paused only.
    const { wait = 0, prioritized = 0, paused: apart = 0 } = counts
    return {
      counts: { ...counts, wait: 0, prioritized: 0, paused: wait + prioritized + apart },
      paused,
      dueAt,
    }
  }
  if (counts['wait']) {
    // PostgreSQL counts positions from the newest job even when the oldest is asked for first (bullmq 6.7.0), so the
    // oldest is the last one.
    const place = redis ? 0 : counts['wait'] - 1
    const [oldest] = await queue.getJobs(['wait'], place, place, true)
    if (oldest) dueAt = dueSince(oldest)
  }
  if (redis && counts['delayed']) {
    // The score is the due time in milliseconds, shifted by 12 bits that keep the order of arrival (bullmq 6).
    const key = queue.toKey('delayed')
    counts['due'] = await redis.zcount(key, 0, (now + 1) * 0x1000 - 1)
    const [, first] = await redis.zrange(key, '0', '0', 'WITHSCORES')
    if (counts['due'] > 0 && first !== undefined) dueAt = Math.min(dueAt, Math.floor(Number(first) / 0x1000))
  }
  return { counts, paused, dueAt }
}
