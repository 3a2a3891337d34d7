import { setTimeout as sleep } from 'node:timers/promises'
import { explain } from '../errors.ts'
import type { BullWorker } from './bull.ts'
import { execute } from './executor.ts'
import type { ExecutorContext, Handler, Workplace } from './executor.ts'
import { KEEP_EVENTS, RENEWED_AT, bullNames, queueSettings } from './queues.ts'
import type { QueueName } from './queues.ts'
import type { Taking } from './standing.ts'

export interface RunningQueue extends Taking {
  /** Takes no more jobs, waits for those at work up to the deadline, leaves the rest to their locks. */
  stop(deadlineMs: number): Promise<void>
}

/**
 * Works on one queue with the handlers of its jobs.
 * @throws when a handler of the catalogue's jobs for this queue is missing: complete or refuse to start
 */
export function runQueue(context: ExecutorContext, queue: QueueName, handlers: Handler[]): RunningQueue {
  const byName = new Map(
    handlers.filter(({ type }) => type.queue === queue).map((one) => [one.type.name, one]),
  )
  for (const type of context.producer.catalogue.values()) {
    if (type.queue === queue && !byName.has(type.name))
      throw new Error(`no handler for ${type.name} on ${queue}`)
  }
  const stopping = new AbortController()
  const place = { context, queue, settings: queueSettings[queue], byName, stopping: stopping.signal }
  // A counter begins at 0 before its first event: the alert would not see a rise from nothing to 1.
  context.metrics.jobs.inc({ queue, name: '', outcome: 'stalled' }, 0)
  const started = start(place)
  const each = (turn: (worker: BullWorker) => Promise<unknown>) =>
    void started
      .then((workers) => Promise.all(workers.map(turn)))
      .catch((error: unknown) => context.log.warn({ queue, reason: explain(error) }, 'a queue was not told'))
  return {
    // `true`: BullMQ does not wait for the jobs at work, because each of them is told by its own signal.
    rest: () => each((worker) => worker.pause(true)),
    goOn: () => each((worker) => worker.resume()),
    async stop(deadlineMs) {
      stopping.abort()
      const workers = await started
      const closing = Promise.all(workers.map((worker) => worker.close()))
      await Promise.race([closing, sleep(deadlineMs, undefined, { ref: false })])
      await Promise.race([
        Promise.all(workers.map((worker) => worker.close(true))).catch(() => {}),
        sleep(500, undefined, { ref: false }),
      ])
    },
  }
}

type WorkerPlace = Omit<Workplace, 'worker'>

/** @returns the queue's workers; none when the process is stopped before the queue can be reached */
async function start(place: WorkerPlace): Promise<BullWorker[]> {
  const { context, queue, stopping } = place
  while (!stopping.aborted) {
    try {
      await makeReady(place)
      return bullNames(queue, context.backend.partitions).map((name) => startWorker(place, name))
    } catch (error) {
      context.log.warn({ queue, reason: explain(error) }, 'a queue is away, waiting for it to come back')
      await sleep(1_000, undefined, { signal: stopping }).catch(() => {})
    }
  }
  return []
}

/**
 * A worker that is made while its PostgreSQL is away stands still, also afterwards, so the queue must answer first. An
 * ordered queue's partitions run one job at a time over all processes: BullMQ's global concurrency.
 * @throws when the queue is away
 */
async function makeReady({ context, queue, settings }: WorkerPlace): Promise<void> {
  await context.backend.ping()
  const queues = bullNames(queue, context.backend.partitions).map((name) =>
    context.backend.queue(name).on('error', () => {}),
  )
  try {
    await Promise.all(queues.map((one) => context.backend.keepEvents(one, KEEP_EVENTS)))
    if (settings.ordered) await Promise.all(queues.map((one) => one.setGlobalConcurrency(1)))
  } finally {
    await Promise.allSettled(queues.map((one) => one.close()))
  }
}

function startWorker(place: WorkerPlace, bullName: string): BullWorker {
  const { context, queue, settings } = place
  const worker: BullWorker = context.backend.worker(
    bullName,
    (job, token, cancelled) => execute({ ...place, worker }, { job, token, cancelled }),
    {
      concurrency: settings.concurrency,
      lockDuration: settings.lockMs,
      lockRenewTime: settings.lockMs * RENEWED_AT,
      stalledInterval: settings.lookMs,
      // A worker killed twice on the same job must not fail it: handlers may run any number of times.
      maxStalledCount: 10,
    },
  )
  worker.on('error', (error) => context.log.debug({ queue, reason: explain(error) }, 'queue: waiting for it'))
  worker.on('stalled', () => context.metrics.jobs.inc({ queue, name: '', outcome: 'stalled' }))
  worker
    .run()
    .catch((error: unknown) =>
      context.log.error({ queue, reason: explain(error) }, 'the worker of a queue stopped'),
    )
  return worker
}
