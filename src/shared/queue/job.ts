import { z } from 'zod'
import type { TraceSubject } from '../trace/trace.ts'
import type { QueueName } from './queues.ts'

/** One kind of job: the contract between the code that enqueues it and the worker that handles it. */
export interface JobType<Payload = unknown> {
  name: string
  queue: QueueName
  /** Checked when the job is enqueued and again when it is handled. New fields are optional for one release. */
  payload: z.ZodType<Payload>
  /**
   * Makes the job's id: enqueuing the same id twice makes one job. The id has no colon and is not a bare number,
   * because BullMQ refuses both.
   */
  id(payload: Payload): string
  /** Ordered queues only: jobs with the same key keep their order. */
  orderKey?(payload: Payload): string
  /** Ordered queues only: an admin's job has partitions that no job of other people is in. */
  ofAdmin?(payload: Payload): boolean
  /** What the job is about, where its payload has no `orderId` and no `paymentId`. */
  about?(payload: Payload): TraceSubject
  /** Tries before the job becomes a dead letter. */
  attempts: number
  /** The wait before the second try; it doubles from there, up to 5 minutes, with jitter. */
  backoffMs: number
  /**
   * A job of this kind reports that money moved or what a person did, or carries a message to a person. Its handler
   * checks `run.sealed` and believes no job without our seal. Such a job is never kept as a dead letter, because
   * replaying would seal it. For an update of 1.5 kB sealing costs the door and the worker 13 µs of CPU each and no
   * database query.
   */
  sealed?: true
  /** How often the upkeep worker enqueues it by itself; the payload of such a job is a `Tick`. */
  everyMs?: number
}

/** Every kind of job there is, by name. */
export type Catalogue = ReadonlyMap<string, JobType>

export function defineJob<Payload>(type: JobType<Payload>): JobType<Payload> {
  return type
}

const tick = z.object({ at: z.string() })

/**
 * The payload of a periodic job. `at` is the beginning of the time slot, ms since 1970: replicas that enqueue the same
 * slot enqueue one job.
 */
export type Tick = z.infer<typeof tick>

/**
 * Defines a job that the upkeep worker enqueues every `everyMs`. A failed run is not retried, because the next one
 * does the same work.
 */
export function defineTick(name: string, everyMs: number, queue: QueueName = 'upkeep'): JobType<Tick> {
  return defineJob<Tick>({
    name,
    queue,
    everyMs,
    payload: tick,
    id: (job) => `${name.replaceAll('.', '-')}-${job.at}`,
    attempts: 1,
    backoffMs: 1_000,
  })
}

/**
 * What travels in the queue. `v` changes when the envelope's shape does; a worker delays envelopes of a version that
 * it does not know.
 */
export interface Envelope {
  v: 1
  payload: unknown
  /** The outbox row to mark as done; absent when the job came straight from a door. */
  outboxKey?: string
  /** Only for kinds that need a seal: proves that our own code made the job. */
  seal?: string
  /** W3C traceparent of the work that caused this job. */
  trace?: string
  /** When a job that was put aside may run, ms. */
  dueAt?: number
}

/**
 * Since when the job may run, ms. BullMQ resets a job's delay to 0 when it has passed, so the first delay is read from
 * the job's options and a later one from the envelope.
 */
export function dueSince(job: { timestamp: number; opts: { delay?: number }; data: Envelope }): number {
  return Math.max(job.data.dueAt ?? 0, job.timestamp + (job.opts.delay ?? 0))
}

/** The outcome of a handler. Any other return value is a bug and counts as a failure. */
export type Verdict =
  | { verdict: 'done' }
  /** Not now: the job is tried again after `afterMs`. This does not count as a failed try. */
  | { verdict: 'later'; afterMs: number; reason: string }
  /** Never: the job becomes a dead letter with the reason. */
  | { verdict: 'reject'; reason: string }

export const isVerdict = (value: unknown): value is Verdict =>
  ['done', 'later', 'reject'].includes((value as Verdict | undefined)?.verdict ?? '')

export const done: Verdict = { verdict: 'done' }
export const later = (afterMs: number, reason: string): Verdict => ({ verdict: 'later', afterMs, reason })
export const reject = (reason: string): Verdict => ({ verdict: 'reject', reason })
