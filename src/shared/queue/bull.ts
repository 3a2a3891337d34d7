import { DelayedError, Worker } from 'bullmq'
import type { Job, Queue, WorkerOptions } from 'bullmq'
import type { Envelope } from './job.ts'

// What BullMQ's classes are here, on whichever back end.

export type BullQueue = Queue<Envelope, unknown, string>
export type BullWorker = Worker<Envelope, unknown, string>
export type BullJob = Job<Envelope, unknown, string>
export type Processor = (
  job: BullJob,
  token: string | undefined,
  signal: AbortSignal | undefined,
) => Promise<unknown>
export type WorkerTuning = Pick<
  WorkerOptions,
  'concurrency' | 'lockDuration' | 'lockRenewTime' | 'stalledInterval' | 'maxStalledCount' | 'drainDelay'
>

/** A job that a worker has in hand and cannot finish yet. */
export interface PutOff {
  worker: BullWorker
  job: BullJob
  /** The token of the worker's lock on the job. */
  token: string | undefined
  afterMs: number
  /** Aborted when the process takes no more jobs. */
  stopping: AbortSignal
}

/**
 * Whether nobody was at work in the job's partition when it was taken, so that hardly anything waits behind it.
 * `partition-scripts.ts` says so in a field that BullMQ hands on.
 */
export const wasAtRest = ({ progress }: BullJob): boolean => progress === 1

/** Back to the queue until its time; others overtake the job. Not a failed try. */
export async function delay({ job, token, afterMs }: PutOff): Promise<never> {
  await job.moveToDelayed(Date.now() + afterMs, token)
  throw new DelayedError()
}

/** Back to the queue at once, as the first of it, for whoever takes it. Not a failed try. */
export function handBack(): never {
  throw Worker.RateLimitError()
}

/** Back to the queue, and the whole queue waits. Not a failed try. */
export async function holdQueue({ worker, afterMs }: PutOff): Promise<never> {
  await worker.rateLimit(afterMs)
  throw Worker.RateLimitError()
}
