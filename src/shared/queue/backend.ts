import type { Redis } from 'ioredis'
import type { PutOff } from './bull.ts'
import { openPostgres } from './postgres-backend.ts'
import { openPrimaries } from './primaries.ts'
import type { RedisTarget } from './queue-map.ts'
import type { QueueServer } from './queue-server.ts'

/** Where jobs wait: Redis in production, PostgreSQL where there is no Redis (one process only). */
export type QueueTarget = RedisTarget | { kind: 'postgres'; url: string }

/** The same few calls over both back ends, and over several Redis servers as over one. */
export interface QueueBackend extends Omit<QueueServer, 'place' | 'unfinished'> {
  kind: QueueTarget['kind']
  /** All servers with queues, that of REDIS_URL first. The PostgreSQL back end is one server. */
  servers: readonly QueueServer[]
  /** The server that a BullMQ queue belongs to. */
  home(name: string): QueueServer
  /** Partitions of an ordered queue. PostgreSQL has few, because every worker holds a LISTEN connection. */
  partitions: number
  /**
   * Only in a process with doors: how this process spreads the partitions over the servers; other processes read the
   * text.
   */
  spread?: string | undefined
  /**
   * Puts off a job of an ordered queue, so that no later one of its key overtakes it.
   * @returns when the job has waited in the worker's hands and is to be run again
   * @throws what tells BullMQ that the job went back to its queue
   */
  putOffInOrder(putOff: PutOff): Promise<void>
  /** Whether the error says that the queue server cannot be reached or takes no writes just now. */
  isAway(error: unknown): boolean
  /** @throws when no server can be reached, or takes writes, within a second or two */
  ping(): Promise<void>
  /**
   * The Redis of REDIS_URL for everything that is no queue: send budgets, limits, the list of healthy workers, last
   * balances. While it is away each process counts by itself, and mailings wait. undefined = this process is the only
   * one and keeps all of these in memory.
   */
  redis: Redis | undefined
  close(): Promise<void>
}

const REDIS_PARTITIONS = 64

/** @param partitions the number of partitions, where a test plays a release that had another one */
export async function openBackend(
  target: QueueTarget,
  prefix: string,
  partitions = REDIS_PARTITIONS,
): Promise<QueueBackend> {
  return target.kind === 'redis' ? openPrimaries(target, prefix, partitions) : openPostgres(target.url)
}
