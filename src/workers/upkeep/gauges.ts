import { sql as q } from 'kysely'
import { literal } from '#shared/db/build.ts'
import type { Context } from '#shared/context.ts'
import { queueNames } from '#shared/queue/queues.ts'
import type { QueueName } from '#shared/queue/queues.ts'
import { queueState } from '#shared/queue/states.ts'
import { queueSql } from '#shared/queue/tables.ts'

/**
 * Sets the metrics of every queue's and the outbox's depth and age, for alerts and autoscaling, even for a worker with
 * no replica.
 */
export async function readGauges(
  app: Pick<Context, 'db' | 'producer' | 'metrics' | 'backend'>,
): Promise<void> {
  // The metrics of a queue that is away keep their values; those of the others and of the outbox are still read.
  const queues = await Promise.allSettled(queueNames.map((queue) => readQueue(app, queue)))
  await readOutbox(app)
  for (const one of queues) if (one.status === 'rejected') throw one.reason
}

async function readQueue(
  app: Pick<Context, 'producer' | 'metrics' | 'backend'>,
  queue: QueueName,
): Promise<void> {
  const { metrics } = app
  const { counts, oldestAgeSeconds, paused } = await queueState(app, queue)
  for (const [state, count] of Object.entries(counts)) metrics.queueJobs.set({ queue, state }, count)
  metrics.queueOldestAge.set({ queue }, oldestAgeSeconds)
  metrics.queuePaused.set({ queue }, paused)
}

async function readOutbox({
  db,
  metrics,
  producer,
}: Pick<Context, 'db' | 'metrics' | 'producer'>): Promise<void> {
  const [outbox] = await db.rows(
    queueSql
      .selectFrom('outbox')
      .select(({ fn }) => [
        fn.countAll<bigint>().as('pending'),
        q<number>`coalesce(extract(epoch from now() - min(greatest(created_at, run_at))), 0)::float8`.as(
          'age',
        ),
      ])
      .where('state', '=', literal('owed')),
  )
  metrics.outboxPending.set(Number(outbox!.pending))
  metrics.outboxOldestAge.set(Math.max(0, outbox!.age))

  const dead = await db.rows(
    queueSql
      .selectFrom('outbox')
      .select(({ fn }) => ['job', fn.countAll<bigint>().as('letters')])
      .where('state', '=', literal('dead'))
      .groupBy('job'),
  )
  const byQueue = new Map(queueNames.map((name) => [name, 0]))
  for (const { job, letters } of dead) {
    const queue = producer.catalogue.get(job)?.queue
    if (queue) byQueue.set(queue, byQueue.get(queue)! + Number(letters))
  }
  for (const [queue, letters] of byQueue) metrics.deadLetters.set({ queue }, letters)
}
