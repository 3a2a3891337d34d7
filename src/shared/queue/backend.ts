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
  /** For limits, which use Redis as well; undefined = they are kept in memory, because this process is the only one. */
  redis: Redis | undefined
  /** The name of a key in Redis that is no queue. Another system on the same Redis has other names. */
  key(name: string): string
  /** Adds one to a counter in Redis and returns it; it is 1 again when Redis has lost everything. Only with Redis. */
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
