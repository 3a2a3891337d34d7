import { setTimeout as sleep } from 'node:timers/promises'
import type { Db } from '../db/db.ts'
import { databaseIsDown } from '../db/errors.ts'
import { Rejected, Transient, UserError, explain } from '../errors.ts'
import { childOf } from '../log.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { InHand, QueueProgress } from '../progress.ts'
import type { Secrets } from '../secrets.ts'
import { currentTraceId, tellSpan, traced } from '../trace/trace.ts'
import type { Tracer } from '../trace/trace.ts'
import { endOfTry, untilAborted } from './end-of-try.ts'
import type { QueueBackend } from './backend.ts'
import { wasAtRest } from './bull.ts'
import type { BullJob, BullWorker } from './bull.ts'
import { isOwnFault, tellHeldUp } from './held-up.ts'
import { dueSince, isVerdict } from './job.ts'
import type { JobType, Verdict } from './job.ts'
import { bury } from './outbox.ts'
import { whileHeld } from './held.ts'
import type { Producer } from './producer.ts'
import type { QueueName, QueueSettings } from './queues.ts'
import { isSealed } from './seal.ts'
import { settle } from './settle.ts'
import type { RunOutcome } from './settle.ts'
import { jobSpan } from './span.ts'
import type { Standing } from './standing.ts'

/** What a handler is told about the run it is in. */
export interface Run {
  jobId: string
  /** When the job was put on its queue, in ms. */
  queuedAt: number
  /** The job's partition was idle when the job was taken. */
  atRest: boolean
  /** Aborts when this try's time is up or the process must stop. */
  signal: AbortSignal
  /** Whether a job of a kind that needs a seal carries ours; true for kinds that need none. */
  sealed: boolean
  /** If this try fails, the job is given up and becomes a dead letter. */
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
  /** Checks the seals of jobs that report money or acts. Without `secrets` the worker believes no such job. */
  secrets?: Pick<Secrets, 'verify'>
  log: Log
  metrics: Metrics
  tracer?: Tracer
  standing?: Pick<Standing, 'isAway' | 'yields' | 'yielding'>
  progress?: Pick<QueueProgress, 'made' | 'took'>
}

/** Where a job is executed: one worker of one queue. */
export interface Workplace {
  context: ExecutorContext
  queue: QueueName
  settings: QueueSettings
  byName: ReadonlyMap<string, Handler>
  /** Writes down that a job of the outbox is done. */
  markDone: (key: string) => Promise<void>
  worker: BullWorker
  /** Aborted when this process takes no more jobs. */
  stopping: AbortSignal
  /** When each partition was told of last, in which an update is put off again and again. */
  heldUp: Map<string, number>
}

/** What BullMQ hands to a worker. */
export interface Taken {
  job: BullJob
  /** The token of the worker's lock on the job. */
  token: string | undefined
  /** Whether the worker still has its lock on the job. */
  isHeld: () => boolean
}

/** One run of one job: the value that goes through the steps. */
interface Execution extends Workplace, Taken {
  log: Log
  startedAt: number
  /** Tells the watchdog what is done with the job. */
  hand: InHand | undefined
  handler: Handler | undefined
  payload?: unknown
  sealed: boolean
  /** Once a step has set the outcome, the steps before `keep` have nothing left to do. */
  outcome?: RunOutcome
  /** The trace id of the run's span. */
  trace?: string | undefined
}

/** While its database or queue is away, a job waits this long before it is run again; no try is lost. */
const PARK_MS = 3_000
const MARK_AGAIN_MS = 1_000
const MAX_BACKOFF_MS = 300_000

/**
 * Runs a job and tells BullMQ how the run ended.
 * @throws the errors that BullMQ reads as "not finished yet", "failed" or "given up"
 */
export async function execute(place: Workplace, taken: Taken): Promise<unknown> {
  const hand = place.context.progress?.took(taken.job.queueName, taken.job.id!)
  try {
    for (;;) {
      const execution = open(place, taken, hand)
      if (!execution.outcome)
        await inSpan(execution, async () => {
          parse(execution)
          await run(execution)
        })
      hand?.begins('keep')
      await keep(execution)
      record(execution)
      hand?.begins('settle')
      const settled = await settle(execution)
      if (settled === 'finished') return { ok: true }
    }
  } finally {
    hand?.over()
  }
}

function open(place: Workplace, taken: Taken, hand: InHand | undefined): Execution {
  const { context, queue, byName } = place
  const { job } = taken
  const log = childOf(context.log, { queue, job: job.name, id: job.id })
  const handler = job.data.v === 1 ? byName.get(job.name) : undefined
  const opened = { ...place, ...taken, log, hand, handler, sealed: true, startedAt: performance.now() }
  // A worker that was told to take no jobs may still receive one that was on its way.
  if (context.standing?.yielding.aborted) return { ...opened, outcome: { verdict: 'yield' } }
  if (!handler) {
    log.warn({ v: job.data.v }, 'a job of another release is parked')
    return { ...opened, outcome: { verdict: 'unknown' } }
  }
  const waitedMs = Math.max(0, Date.now() - dueSince(job))
  context.metrics.jobWait.observe({ queue, name: job.name }, waitedMs / 1000)
  return opened
}

/** One span around the steps that call the handler. */
async function inSpan(execution: Execution, steps: () => Promise<void>): Promise<void> {
  const { context, handler, job, settings } = execution
  if (!handler) return
  await traced(
    context.tracer,
    () => jobSpan(handler.type, job),
    async () => {
      await steps()
      const { verdict } = execution.outcome!
      const failed = verdict === 'retry' || verdict === 'reject'
      tellSpan({ 'telekassa.outcome': verdict }, failed ? verdict : undefined)
      execution.trace = currentTraceId()
    },
    { apart: settings.apart },
  )
}

function parse(execution: Execution): void {
  const { type } = execution.handler!
  const parsed = type.payload.safeParse(execution.job.data.payload)
  if (parsed.success) execution.payload = parsed.data
  else {
    const reason = `payload is not what ${type.name} takes: ${parsed.error}`
    execution.outcome = { verdict: 'reject', reason }
  }
}

/**
 * Runs the handler. A job of an ordered queue is repeated here, in this process: BullMQ's own retry would put it at
 * the end of the queue, and the chat would lose its order.
 */
async function run(execution: Execution): Promise<void> {
  const { settings, job, handler, hand } = execution
  for (let tried = job.attemptsMade + 1; !execution.outcome; tried++) {
    hand?.begins('run', settings.timeoutMs)
    const outcome = await attempt(execution, tried)
    // A run that has lost its job may say that the job is done, and nothing else.
    if (outcome.verdict !== 'done' && !execution.isHeld()) execution.outcome = lost(execution, outcome)
    else if (outcome.verdict === 'retry' && settings.ordered) {
      const pauseMs = Math.min(handler!.type.backoffMs * 2 ** (tried - 1), MAX_BACKOFF_MS)
      hand?.begins('pause', pauseMs)
      await sleep(pauseMs)
    } else execution.outcome = outcome
  }
}

function lost({ log }: Execution, outcome: RunOutcome): RunOutcome {
  log.info(
    { reason: 'reason' in outcome ? outcome.reason : undefined },
    'a run has lost its job, another run does it',
  )
  return { verdict: 'lost' }
}

/** Calls the handler once and turns any error into a verdict. */
async function attempt(execution: Execution, tried: number): Promise<RunOutcome> {
  const { context, settings, job, handler, payload, log } = execution
  const { type } = handler!
  const { standing } = context
  const { signal, letGo } = endOfTry(settings.timeoutMs, [standing?.yielding])
  const lastTry = tried >= type.attempts
  try {
    execution.sealed = !type.sealed || (await isSealed(context, job.name, job.data))
    const work = whileHeld(
      () => !signal.aborted && execution.isHeld(),
      () =>
        handler!.run(payload as never, {
          sealed: execution.sealed,
          jobId: job.id!,
          queuedAt: job.timestamp,
          atRest: wasAtRest(job),
          signal,
          lastTry,
          log,
        }),
    )
    const verdict = await untilAborted(work, signal)
    if (verdict?.verdict === 'later' && (await standing?.yields())) return { verdict: 'yield' }
    if (isVerdict(verdict)) return verdict
    throw new Error(`${type.name} returned ${JSON.stringify(verdict)}, which is no verdict`)
  } catch (error) {
    const reason = explain(error)
    const isNo = error instanceof Rejected || error instanceof UserError
    if (!isNo && (await standing?.yields())) return { verdict: 'yield' }
    const isAway = databaseIsDown(error) || context.backend.isAway(error)
    if (isAway && !(settings.ordered && (await isOwnFault(context, job, error))))
      return { verdict: 'later', afterMs: PARK_MS, reason }
    if (isNo) return { verdict: 'reject', reason }
    if (error instanceof Transient && error.retryAfterMs !== undefined) {
      return { verdict: 'later', afterMs: error.retryAfterMs, reason }
    }
    // When a server is away, every job fails for the same reason. So no job loses a try, however long the server is
    // away.
    if (await standing?.isAway()) return { verdict: 'later', afterMs: PARK_MS, reason }
    const stack = error instanceof Transient ? undefined : asError(error).stack
    log.warn({ reason, tried, stack }, 'the handler of a job failed')
    if (lastTry) return { verdict: 'reject', reason: `gave up after ${tried} tries: ${reason}` }
    return { verdict: 'retry', reason, error: asError(error) }
  } finally {
    letGo()
  }
}

/** Writes down in the database that the job is done, or why it is given up, before the queue lets go of the job. */
async function keep(execution: Execution): Promise<void> {
  const { context, job, log, outcome, sealed } = execution
  const { outboxKey, payload } = job.data
  // A dead letter can be replayed, and a replayed job gets our seal. So a job that came without a right seal is never
  // kept as a dead letter.
  if (!sealed) return
  if (outcome?.verdict === 'done' && outboxKey) await mark(execution, outboxKey)
  if (outcome?.verdict !== 'reject') return
  const { reason } = outcome
  try {
    await bury(context.db, { key: outboxKey ?? job.id!, job: job.name, payload, reason })
  } catch (error) {
    log.warn({ reason: explain(error) }, 'a dead letter cannot be kept yet, its job waits')
    execution.outcome = { verdict: 'later', afterMs: PARK_MS, reason }
  }
}

/**
 * If the mark "done" is lost, the job is owed again after 15 minutes and a person reads the same message twice. So the
 * worker keeps the job and waits for the database; only a process that is ending does not wait.
 */
async function mark({ log, stopping, markDone, hand }: Execution, outboxKey: string): Promise<void> {
  hand?.begins('mark')
  for (;;) {
    try {
      return await markDone(outboxKey)
    } catch (error) {
      if (databaseIsDown(error) && !stopping.aborted) await sleep(MARK_AGAIN_MS)
      else return log.warn({ reason: explain(error) }, 'a job is done and cannot be marked as done')
    }
  }
}

/** For each outcome: its name in the metrics and in the log, and the log level. */
const RECORDED = {
  done: { outcome: 'completed', level: 'debug' },
  later: { outcome: 'later', level: 'debug' },
  retry: { outcome: 'retried', level: 'warn' },
  reject: { outcome: 'dead', level: 'error' },
} as const

/** Writes one log line and the metrics of the run. A job that this release does not know leaves no metrics. */
function record({ context, settings, heldUp, queue, job, log, outcome, startedAt, trace }: Execution): void {
  if (!outcome || !(outcome.verdict in RECORDED)) return
  const { metrics } = context
  const { outcome: name, level } = RECORDED[outcome.verdict as keyof typeof RECORDED]
  const reason = 'reason' in outcome ? outcome.reason : undefined
  const ms = Math.round(performance.now() - startedAt)
  const labels = { queue, name: job.name, outcome: name }
  metrics.jobs.inc(labels)
  metrics.jobDuration.observe(labels, ms / 1000)
  if (name === 'completed' || name === 'dead') metrics.jobAttempts.observe({ queue }, job.attemptsMade + 1)
  log[level]({ outcome: name, ms, reason, trace }, 'job')
  if (name === 'later' && settings.ordered) tellHeldUp(heldUp, job, log, reason)
  context.progress?.made(job.queueName)
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))
