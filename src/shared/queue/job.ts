import { z } from 'zod'
import type { TraceSubject } from '../trace/trace.ts'
import type { QueueName } from './queues.ts'

/** One kind of job: the contract between those who enqueue it and the worker that handles it. */
export interface JobType<Payload = unknown> {
  name: string
  queue: QueueName
  /** Checked when the job is enqueued and again when it is handled. New fields are optional for one release. */
  payload: z.ZodType<Payload>
  /** Names the job for good: enqueuing it twice is enqueuing it once. No colon, not a bare number. */
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
   * It says by itself that money has moved, what somebody did, or what somebody is told. Its handler asks `run.sealed` and
   * believes nothing of a job without our seal; such a job is never kept as a dead letter, because what is replayed is
   * sealed. An update of 1.5 kB costs its door and its worker 13 µs of CPU each, and no question to the database.
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

/** `at` is the beginning of the slot of time, ms since 1970: replicas that enqueue one slot enqueue one job. */
export type Tick = z.infer<typeof tick>

/** A job that the upkeep worker enqueues every `everyMs`. The next one is its retry. */
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

/** What travels in the queue. `v` changes when the envelope does; a worker delays what it does not know. */
export interface Envelope {
  v: 1
  payload: unknown
  /** The outbox row to mark as done; absent when the job came straight from a door. */
  outboxKey?: string
  /** Of a kind that is sealed: says that we made it. */
  seal?: string
  /** W3C traceparent of what caused it. */
  trace?: string
  /** When it may run, ms: of a job that was put aside. */
  dueAt?: number
}

/**
 * Since when a job may run, ms. BullMQ sets a job's delay to 0 when it is over; what was asked for stays in its options,
 * and a later one in the envelope.
 */
export function dueSince(job: { timestamp: number; opts: { delay?: number }; data: Envelope }): number {
  return Math.max(job.data.dueAt ?? 0, job.timestamp + (job.opts.delay ?? 0))
}

/** The outcome of a handler. Anything else that it returns is a bug and counts as a failure. */
export type Verdict =
  | { verdict: 'done' }
  /** Not yet: try again after this long; does not count as a failed try. */
  | { verdict: 'later'; afterMs: number; reason: string }
  /** Never: the job becomes a dead letter with the reason. */
  | { verdict: 'reject'; reason: string }

export const done: Verdict = { verdict: 'done' }
export const later = (afterMs: number, reason: string): Verdict => ({ verdict: 'later', afterMs, reason })
export const reject = (reason: string): Verdict => ({ verdict: 'reject', reason })
