import { setTimeout as sleep } from 'node:timers/promises'
import { DelayedError, UnrecoverableError, Worker } from 'bullmq'
import type { Db } from '../db/db.ts'
import { databaseIsDown } from '../db/db.ts'
import { Rejected, Transient, UserError, explain } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { currentTraceId, tell, traced } from '../trace/trace.ts'
import type { Tracer } from '../trace/trace.ts'
import type { BullJob, BullWorker, QueueBackend } from './backend.ts'
import { dueSince } from './job.ts'
import type { JobType, Verdict } from './job.ts'
import { bury, markDone } from './outbox.ts'
import { bullNames } from './producer.ts'
import type { Producer } from './producer.ts'
import { queueSettings } from './queues.ts'
import { jobSpan } from './span.ts'
import type { QueueName, QueueSettings } from './queues.ts'

/** What a handler is told about the run it is in. */
export interface Run {
  jobId: string
  /** Aborted when this try's time is up or the process must stop. */
  signal: AbortSignal
  /** When this try fails, the job is given up. */
  lastTry: boolean
  log: Log
}

export interface Handler {
  type: JobType
  run(payload: never, run: Run): Promise<Verdict>
}

export function handle<Payload>(
  type: JobType<Payload>,
  run: (payload: Payload, run: Run) => Promise<Verdict>,
): Handler {
  return { type: type as JobType, run: run as Handler['run'] }
}

export interface ExecutorContext {
  backend: QueueBackend
  db: Db
  producer: Pick<Producer, 'catalogue'>
  log: Log
  metrics: Metrics
  tracer?: Tracer
  /** Called when a handler ended: it may owe jobs. */
  kick(): void
  /** Called when a job of this BullMQ queue ended; the liveness probe reads it. */
  progress?(queue: string): void
}

export interface RunningQueue {
  /** Takes no more jobs, waits for those at work up to the deadline, leaves the rest to their locks. */
  stop(deadlineMs: number): Promise<void>
}

/** How long a job waits when its infrastructure is away or this worker does not know it: no try is lost. */
const PARK_MS = 3_000
const UNKNOWN_JOB_MS = 30_000
const MAX_BACKOFF_MS = 300_000

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
  const settings: QueueSettings = queueSettings[queue]
  const stopping = new AbortController()
  const workers = bullNames(queue, context.backend.partitions).map((bullName) => {
    const worker: BullWorker = context.backend.worker(
      bullName,
      (job, token, signal) =>
        execute(context, { queue, settings, byName, worker, stopping: stopping.signal }, job, token, signal),
      {
        concurrency: settings.concurrency,
        lockDuration: settings.lockMs,
        // A killed process's job is noticed at the second check after its lock has expired.
        stalledInterval: Math.min(settings.lockMs / 2, 10_000),
        // A worker killed twice on the same job must not fail it: handlers may run any number of times.
        maxStalledCount: 10,
      },
    )
    worker.on('error', (error) =>
      context.log.debug({ queue, reason: explain(error) }, 'queue: waiting for it'),
    )
    worker.on('stalled', () => context.metrics.jobs.inc({ queue, name: '', outcome: 'stalled' }))
    return worker
  })
  // A counter that is not there before its first event hides that event from the alert.
  context.metrics.jobs.inc({ queue, name: '', outcome: 'stalled' }, 0)
  const started = start(context, queue, settings, workers)
  return {
    async stop(deadlineMs) {
      await started
      stopping.abort()
      const closing = Promise.all(workers.map((worker) => worker.close()))
      await Promise.race([closing, sleep(deadlineMs, undefined, { ref: false })])
      await Promise.race([
        Promise.all(workers.map((worker) => worker.close(true))).catch(() => {}),
        sleep(500, undefined, { ref: false }),
      ])
    },
  }
}

/** An ordered queue's partitions run one job at a time over all processes: BullMQ's global concurrency. */
async function start(
  context: ExecutorContext,
  queue: QueueName,
  settings: QueueSettings,
  workers: BullWorker[],
): Promise<void> {
  if (settings.ordered) {
    const queues = bullNames(queue, context.backend.partitions).map((name) => context.backend.queue(name))
    for (;;) {
      try {
        await Promise.all(queues.map((one) => one.setGlobalConcurrency(1)))
        break
      } catch (error) {
        context.log.warn({ queue, reason: explain(error) }, 'queue: waiting for it to come back')
        await sleep(1_000)
      }
    }
    await Promise.allSettled(queues.map((one) => one.close()))
  }
  for (const worker of workers) {
    worker
      .run()
      .catch((error: unknown) =>
        context.log.error({ queue, reason: explain(error) }, 'queue: worker stopped'),
      )
  }
}

interface Place {
  queue: QueueName
  settings: QueueSettings
  byName: Map<string, Handler>
  worker: BullWorker
  /** Aborted when this process takes no more jobs. */
  stopping: AbortSignal
}

async function execute(
  context: ExecutorContext,
  place: Place,
  job: BullJob,
  token: string | undefined,
  cancelled: AbortSignal | undefined,
): Promise<unknown> {
  const { queue, settings, byName } = place
  const { metrics } = context
  const putOff = async (afterMs: number): Promise<unknown> => {
    // The PostgreSQL back end lets other jobs overtake one that its rate limit sent back: there an ordered job waits
    // where it is.
    const waitsHere = settings.ordered === true && context.backend.kind === 'postgres'
    if (waitsHere && (await waited(afterMs, place.stopping)))
      return execute(context, place, job, token, cancelled)
    return park(place, job, token, afterMs)
  }
  const handler = byName.get(job.name)
  if (!handler || job.data.v !== 1) {
    context.log.warn({ queue, job: job.name, id: job.id, v: job.data.v }, 'job of another release: parked')
    return await putOff(UNKNOWN_JOB_MS)
  }
  const labels = { queue, name: job.name }
  const log = context.log.child({ queue, job: job.name, id: job.id })
  const startedAt = performance.now()
  metrics.jobWait.observe(labels, Math.max(0, Date.now() - dueSince(job)) / 1000)

  let trace: string | undefined
  const outcome = await traced(
    context.tracer,
    () => jobSpan(handler.type, job),
    async () => {
      const result = await attempt(handler, job, settings, cancelled, log)
      const failed = result.verdict === 'retry' || result.verdict === 'reject'
      tell({ 'telekassa.outcome': result.verdict }, failed ? result.verdict : undefined)
      trace = currentTraceId()
      return result
    },
    { apart: settings.apart },
  )
  const finish = (name: 'completed' | 'retried' | 'later' | 'dead', reason?: string): void => {
    const ms = Math.round(performance.now() - startedAt)
    metrics.jobs.inc({ ...labels, outcome: name })
    metrics.jobDuration.observe({ ...labels, outcome: name }, ms / 1000)
    if (name === 'completed' || name === 'dead') metrics.jobAttempts.observe({ queue }, job.attemptsMade + 1)
    log[name === 'dead' ? 'error' : name === 'retried' ? 'warn' : 'debug'](
      { outcome: name, ms, reason, trace },
      'job',
    )
    context.progress?.(job.queueName)
  }

  context.kick()
  switch (outcome.verdict) {
    case 'done':
      if (job.data.outboxKey) await markDone(context.db, job.data.outboxKey).catch(() => {})
      finish('completed')
      return { ok: true }
    case 'later':
      finish('later', outcome.reason)
      return await putOff(outcome.afterMs)
    case 'retry':
      finish('retried', outcome.reason)
      await keepDue(job, Date.now())
      throw outcome.error
    case 'reject':
      try {
        await bury(context.db, {
          key: job.data.outboxKey ?? job.id!,
          job: job.name,
          payload: job.data.payload,
          reason: outcome.reason,
        })
      } catch (error) {
        log.warn({ reason: explain(error) }, 'dead letter cannot be kept yet: the job waits')
        return await putOff(PARK_MS)
      }
      finish('dead', outcome.reason)
      throw new UnrecoverableError(outcome.reason)
  }
}

type Outcome = Verdict | { verdict: 'retry'; reason: string; error: Error }

/** Runs the handler and turns whatever it throws into what happens next. */
async function attempt(
  handler: Handler,
  job: BullJob,
  settings: QueueSettings,
  cancelled: AbortSignal | undefined,
  log: Log,
): Promise<Outcome> {
  const { type } = handler
  const parsed = type.payload.safeParse(job.data.payload)
  if (!parsed.success)
    return { verdict: 'reject', reason: `payload is not what ${type.name} takes: ${parsed.error}` }

  for (let tried = job.attemptsMade + 1; ; tried++) {
    const timeUp = AbortSignal.timeout(settings.timeoutMs)
    const signal = cancelled ? AbortSignal.any([timeUp, cancelled]) : timeUp
    const run: Run = { jobId: job.id!, signal, lastTry: tried >= type.attempts, log }
    try {
      const verdict = await raceWithSignal(handler.run(parsed.data as never, run), signal)
      if (isVerdict(verdict)) return verdict
      throw new Error(`${type.name} returned ${JSON.stringify(verdict)}, which is no verdict`)
    } catch (error) {
      const reason = explain(error)
      if (databaseIsDown(error)) return { verdict: 'later', afterMs: PARK_MS, reason }
      if (error instanceof Rejected || error instanceof UserError) return { verdict: 'reject', reason }
      if (error instanceof Transient && error.retryAfterMs !== undefined) {
        return { verdict: 'later', afterMs: error.retryAfterMs, reason }
      }
      log.warn(
        { reason, tried, stack: error instanceof Transient ? undefined : stackOf(error) },
        'handler failed',
      )
      if (run.lastTry) return { verdict: 'reject', reason: `gave up after ${tried} tries: ${reason}` }
      // A retried job goes to the end of its queue, which would break the order: ordered queues retry in place.
      if (!settings.ordered) return { verdict: 'retry', reason, error: asError(error) }
      await sleep(Math.min(type.backoffMs * 2 ** (tried - 1), MAX_BACKOFF_MS))
    }
  }
}

/** Puts the job aside without counting a try. An ordered partition waits with it, so that nothing overtakes it. */
async function park(place: Place, job: BullJob, token: string | undefined, afterMs: number): Promise<never> {
  if (place.settings.ordered) {
    await place.worker.rateLimit(afterMs)
    throw Worker.RateLimitError()
  }
  const dueAt = Date.now() + afterMs
  await keepDue(job, dueAt)
  await job.moveToDelayed(dueAt, token)
  throw new DelayedError()
}

/** For the figures of how long jobs wait only. */
async function keepDue(job: BullJob, dueAt: number): Promise<void> {
  await job.updateData({ ...job.data, dueAt }).catch(() => {})
}

/** @returns false when the process stops before the time is over */
function waited(ms: number, stopping: AbortSignal): Promise<boolean> {
  return sleep(ms, true, { signal: stopping }).catch(() => false)
}

function raceWithSignal<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(new Transient('the job took longer than its time'))
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

function isVerdict(value: unknown): value is Verdict {
  const verdict = (value as Verdict | undefined)?.verdict
  return verdict === 'done' || verdict === 'later' || verdict === 'reject'
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))
const stackOf = (error: unknown): string | undefined => (error instanceof Error ? error.stack : undefined)
