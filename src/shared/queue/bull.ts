import { DelayedError, Worker } from 'bullmq'
import type { Job, Queue, WorkerOptions } from 'bullmq'
import type { Envelope } from './job.ts'

// BullMQ's classes under the types of this project, for both back ends.

export type BullQueue = Queue<Envelope, unknown, string>
export type BullWorker = Worker<Envelope, unknown, string>
export type BullJob = Job<Envelope, unknown, string>
export type Processor = (job: BullJob, token: string | undefined) => Promise<unknown>
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
 * Whether the job's partition was idle when the job was taken, so that hardly anything waits behind the job.
 * `partition-scripts.ts` writes this into a field (`progress`) that BullMQ hands on.
 */
export const wasAtRest = ({ progress }: BullJob): boolean => progress === 1

/** Sends the job back to its queue until its time; other jobs overtake it. This is no failed try. */
export async function delay({ job, token, afterMs }: PutOff): Promise<never> {
  await job.moveToDelayed(Date.now() + afterMs, token)
  throw new DelayedError()
}

/** Sends the job back to the front of its queue at once, for any worker to take. This is no failed try. */
export function handBack(): never {
  throw Worker.RateLimitError()
}

/** Sends the job back to its queue and makes the whole queue wait. This is no failed try. */
export async function holdQueue({ worker, afterMs }: PutOff): Promise<never> {
  await worker.rateLimit(afterMs)
  throw Worker.RateLimitError()
}
