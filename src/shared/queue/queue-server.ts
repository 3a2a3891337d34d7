import type { Redis } from 'ioredis'
import type { BullQueue, BullWorker, Processor, WorkerTuning } from './bull.ts'

/** One server with queues on it. */
export interface QueueServer {
  /** The address of the server, for people and metrics: without user and password. */
  place: string
  queue(name: string): BullQueue
  /** Whether a job waits in any of the queues, asked in one call. */
  someWait(queues: BullQueue[]): Promise<boolean>
  /** Which of these BullMQ queues have an unfinished job on this server, due now or later. */
  unfinished(names: string[]): Promise<string[]>
  /** Sets how many of its events the queue keeps from now on. */
  keepEvents(queue: BullQueue, count: number): Promise<void>
  worker(name: string, process: Processor, tuning: WorkerTuning): BullWorker
  /** @throws when the server cannot be reached, or takes no writes, within a second or two */
  ping(): Promise<void>
  /** undefined = the server is PostgreSQL. */
  redis: Redis | undefined
  /**
   * Makes the name of a Redis key that is no queue. The name begins with the prefix, so that two systems can share one
   * Redis; in a Redis Cluster the hash tag comes before.
   */
  key(name: string): string
  /**
   * Adds one to a counter in Redis and returns it; the counter starts at 1 again when Redis has lost its data. Only
   * with Redis.
   */
  beat: (() => Promise<number>) | undefined
}
