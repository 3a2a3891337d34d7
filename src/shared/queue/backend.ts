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
  /** That of REDIS_URL is the first; PostgreSQL is one. */
  servers: readonly QueueServer[]
  /** The server that a BullMQ queue belongs to. */
  home(name: string): QueueServer
  /** Partitions of an ordered queue. PostgreSQL has few, because every worker holds a LISTEN connection. */
  partitions: number
  /** Of a process with doors: how it spreads the partitions over the servers, as others see it. */
  spread?: string | undefined
  /**
   * Puts off the first job of an ordered partition, so that none behind the job overtakes it.
   * @returns when the job has waited in the worker's hands and is to be run again
   * @throws what tells BullMQ that the job went back to its queue
   */
  putOffInOrder(putOff: PutOff): Promise<void>
  /** Whether an error says that the queue cannot be reached or takes no writes just now. */
  isAway(error: unknown): boolean
  /** @throws when no server can be reached, or takes writes, within a second or two */
  ping(): Promise<void>
  /**
   * That of REDIS_URL, for what is no queue: send budgets, limits, who is well, last balances. While it is away each
   * process counts for itself, and mailings wait. undefined = all of it is kept in memory, because this process is the only one.
   */
  redis: Redis | undefined
  /** The name of a key in Redis that is no queue. Another system on the same Redis has other names. */
  key(name: string): string
  close(): Promise<void>
}

const REDIS_PARTITIONS = 64

/** @param partitions another number than this release has, as of another release */
export async function openBackend(
  target: QueueTarget,
  prefix: string,
  partitions = REDIS_PARTITIONS,
): Promise<QueueBackend> {
  return target.kind === 'redis' ? openPrimaries(target, prefix, partitions) : openPostgres(target.url)
}
