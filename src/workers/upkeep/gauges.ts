import { sql as q } from 'kysely'
import type { Context } from '../../shared/context.ts'
import type { BullQueue } from '../../shared/queue/backend.ts'
import { catalogue } from '../../shared/queue/catalogue.ts'
import { queueNames } from '../../shared/queue/queues.ts'

const STATES = ['wait', 'prioritized', 'active', 'delayed', 'failed'] as const

/** Depth and age of every queue and of the outbox, for alerts and autoscaling; also when a worker is at zero. */
export async function readGauges(
  app: Pick<Context, 'db' | 'producer' | 'metrics' | 'backend'>,
): Promise<void> {
  await readQueues(app)
  await readOutbox(app)
}

async function readQueues({
  producer,
  metrics,
  backend,
}: Pick<Context, 'producer' | 'metrics' | 'backend'>): Promise<void> {
  for (const [name, queues] of producer.queues) {
    const counts = await Promise.all(queues.map((queue) => queue.getJobCounts(...STATES)))
    const sum = (state: string): number => counts.reduce((total, one) => total + (one[state] ?? 0), 0)
    for (const state of STATES) metrics.queueJobs.set({ queue: name, state }, sum(state))

    const late = queues.filter((_, index) => (counts[index]?.['delayed'] ?? 0) > 0)
    const due = backend.redis ? await Promise.all(late.map((queue) => countDue(backend.redis!, queue))) : []
    metrics.queueJobs.set(
      { queue: name, state: 'due' },
      due.reduce((total, one) => total + one, 0),
    )
    const waiting = queues.filter((_, index) => (counts[index]?.['wait'] ?? 0) > 0)
    const oldest = await Promise.all(waiting.map((queue) => queue.getJobs(['wait'], 0, 0, true)))
    const dueAt = oldest.flat().map((job) => job.timestamp + (job.delay ?? 0))
    metrics.queueOldestAge.set(
      { queue: name },
      dueAt.length > 0 ? Math.max(0, Date.now() - Math.min(...dueAt)) / 1000 : 0,
    )
    const paused = await Promise.all(queues.map((queue) => queue.isPaused()))
    metrics.queuePaused.set({ queue: name }, paused.some(Boolean) ? 1 : 0)
  }
}

/** A worker moves delayed jobs when their time comes; with no worker at all they stay where they are. */
async function countDue(redis: NonNullable<Context['backend']['redis']>, queue: BullQueue): Promise<number> {
  // The score is the due time in milliseconds, shifted by 12 bits that keep the order of arrival (bullmq 6).
  return redis.zcount(queue.toKey('delayed'), 0, (Date.now() + 1) * 0x1000 - 1)
}

async function readOutbox({ db, metrics }: Pick<Context, 'db' | 'metrics'>): Promise<void> {
  const [outbox] = await db.rows(q<{ pending: bigint; age: number }>`
    select count(*) as pending, coalesce(extract(epoch from now() - min(greatest(created_at, run_at))), 0)::float8 as age
    from outbox where state = 'owed'`)
  metrics.outboxPending.set(Number(outbox!.pending))
  metrics.outboxOldestAge.set(Math.max(0, outbox!.age))

  const dead = await db.rows(
    q<{ job: string; letters: bigint }>`
      select job, count(*) as letters from outbox where state = 'dead' group by job`,
  )
  const byQueue = new Map(queueNames.map((name) => [name, 0]))
  for (const { job, letters } of dead) {
    const queue = catalogue.get(job)?.queue
    if (queue) byQueue.set(queue, byQueue.get(queue)! + Number(letters))
  }
  for (const [queue, letters] of byQueue) metrics.deadLetters.set({ queue }, letters)
}
