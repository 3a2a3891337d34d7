import { Queue, Worker, createPostgresBackend, runMigrations } from 'bullmq'
import type { Job, WorkerOptions } from 'bullmq'
import { Redis } from 'ioredis'
import pg from 'pg'
import type { Envelope } from './job.ts'
import { connectionName } from './partitions.ts'

/** Where jobs wait: Redis in production, PostgreSQL where there is no Redis (one process only). */
export type QueueTarget = { kind: 'redis'; url: string } | { kind: 'postgres'; url: string }

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
  'concurrency' | 'lockDuration' | 'stalledInterval' | 'maxStalledCount' | 'drainDelay'
>

/** The same few calls over both back ends. */
export interface QueueBackend {
  kind: QueueTarget['kind']
  /** Partitions of an ordered queue. PostgreSQL has few, because every worker holds a LISTEN connection. */
  partitions: number
  queue(name: string): BullQueue
  worker(name: string, process: Processor, tuning: WorkerTuning): BullWorker
  /** @throws when the queue cannot be reached within a second or two */
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

/**
 * Producers fail at once when Redis is away, so that a door can answer 503 (the default of BullMQ is to hang);
 * workers wait for it to come back.
 */
async function openRedis(url: string, prefix: string, partitions: number): Promise<QueueBackend> {
  const quiet = (client: Redis) => client.on('error', () => {})
  const producer = quiet(
    new Redis(url, {
      connectionName: connectionName(prefix, partitions),
      maxRetriesPerRequest: 1,
      enableOfflineQueue: false,
      connectTimeout: 2_000,
      commandTimeout: 3_000,
      retryStrategy: (times) => Math.min(100 * times, 1_000),
    }),
  )
  const consumer = quiet(new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 500 }))
  if (producer.status !== 'ready') {
    await new Promise<void>((resolve) => {
      producer.once('ready', resolve)
      setTimeout(resolve, 3_000).unref()
    })
  }
  // The braces are a Redis Cluster hash tag: the keys of one queue stay on one node.
  const keys = (name: string) => `{${prefix}:${name}}`
  return {
    kind: 'redis',
    partitions,
    queue: (name) =>
      new Queue(name, {
        connection: producer,
        prefix: keys(name),
        skipWaitingForReady: true,
        skipMetasUpdate: true,
        // BullMQ asks for the version once: unanswered, as by a Redis that is slow just then, the queue is dead for good.
        skipVersionCheck: true,
      }),
    worker: (name, process, tuning) =>
      new Worker(name, process, { ...tuning, connection: consumer, prefix: keys(name), autorun: false }),
    ping: async () => {
      await producer.ping()
    },
    redis: producer,
    key: (name) => `${prefix}:${name}`,
    beat: () => producer.incr(`${prefix}:beat`),
    close: async () => {
      producer.disconnect()
      consumer.disconnect()
    },
  }
}

const POSTGRES_PARTITIONS = 4
const POSTGRES_POOL = 40

async function openPostgres(url: string): Promise<QueueBackend> {
  const migrations = new pg.Client({ connectionString: url })
  await migrations.connect()
  try {
    await runMigrations(migrations, 'bullmq')
  } finally {
    await migrations.end()
  }
  const pool = new pg.Pool({
    connectionString: url,
    max: POSTGRES_POOL,
    options: '-c search_path=bullmq',
    application_name: 'telekassa-queue',
    connectionTimeoutMillis: 3_000,
  })
  pool.on('error', () => {})
  // Every queue and worker listens on the shared pool.
  pool.setMaxListeners(0)
  return {
    kind: 'postgres',
    partitions: POSTGRES_PARTITIONS,
    queue: (name) => new Queue(name, { connection: pool }, createPostgresBackend) as unknown as BullQueue,
    worker: (name, process, tuning) =>
      new Worker(
        name,
        process,
        { ...tuning, connection: pool, autorun: false },
        createPostgresBackend,
      ) as unknown as BullWorker,
    ping: async () => {
      await pool.query('select 1')
    },
    redis: undefined,
    key: (name) => name,
    beat: undefined,
    close: () => pool.end(),
  }
}
