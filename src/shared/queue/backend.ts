import type { Redis } from 'ioredis'
import type { BullQueue, BullWorker, Processor, PutOff, WorkerTuning } from './bull.ts'
import { openPostgres } from './postgres-backend.ts'
import { openRedis } from './redis-backend.ts'

/** Where jobs wait: Redis in production, PostgreSQL where there is no Redis (one process only). */
export type QueueTarget = { kind: 'redis'; url: string } | { kind: 'postgres'; url: string }

/** The same few calls over both back ends. */
export interface QueueBackend {
  kind: QueueTarget['kind']
  /** Partitions of an ordered queue. PostgreSQL has few, because every worker holds a LISTEN connection. */
  partitions: number
  queue(name: string): BullQueue
  /** Whether a job waits in one of the queues, asked once for all. */
  someWait(queues: BullQueue[]): Promise<boolean>
  /** Sets how many of its events the queue keeps from now on. */
  keepEvents(queue: BullQueue, count: number): Promise<void>
  worker(name: string, process: Processor, tuning: WorkerTuning): BullWorker
  /**
   * Puts off the first job of an ordered partition, so that none behind the job overtakes it.
   * @returns when the job has waited in the worker's hands and is to be run again
   * @throws what tells BullMQ that the job went back to its queue
   */
  putOffInOrder(putOff: PutOff): Promise<void>
  /** Whether an error says that the queue cannot be reached or takes no writes just now. */
  isAway(error: unknown): boolean
  /** @throws when the queue cannot be reached, or takes no writes, within a second or two */
  ping(): Promise<void>
  /** For what else wants Redis (limits); undefined = keep it in memory, there is only this process. */
  redis: Redis | undefined
  /** The name of something else in Redis, apart from that of another system on the same Redis. */
  key(name: string): string
  /** Counts up by one and returns the count; 1 again when Redis has lost everything. Redis only. */
  beat: (() => Promise<number>) | undefined
  close(): Promise<void>
}

const REDIS_PARTITIONS = 64

/** @param partitions another number than this release has, as of another release */
export async function openBackend(
  target: QueueTarget,
  prefix: string,
  partitions = REDIS_PARTITIONS,
): Promise<QueueBackend> {
  return target.kind === 'redis' ? openRedis(target.url, prefix, partitions) : openPostgres(target.url)
}
