import { setTimeout as sleep } from 'node:timers/promises'
import { Queue, Worker, createPostgresBackend, runMigrations } from 'bullmq'
import pg from 'pg'
import { wayToDatabase } from '../db/address.ts'
import { databaseIsDown } from '../db/errors.ts'
import { holdQueue } from './bull.ts'
import type { BullQueue, BullWorker, Processor, PutOff, WorkerTuning } from './bull.ts'
import type { QueueServer } from './queue-server.ts'

const PARTITIONS = 4
const POOL = 40

export async function openPostgres(url: string) {
  const way = await wayToDatabase(url)
  const migrations = new pg.Client(way)
  await migrations.connect()
  try {
    await runMigrations(migrations, 'bullmq')
  } finally {
    await migrations.end()
  }
  const pool = new pg.Pool({
    ...way,
    max: POOL,
    options: '-c search_path=bullmq',
    application_name: 'telekassa-queue',
    connectionTimeoutMillis: 3_000,
  })
  pool.on('error', () => {})
  // Every queue and worker adds a listener to the shared pool, so Node's warning about many listeners is switched off.
  pool.setMaxListeners(0)
  const server: QueueServer = {
    place: 'PostgreSQL',
    queue: (name: string) =>
      new Queue(name, { connection: pool }, createPostgresBackend) as unknown as BullQueue,
    /** PostgreSQL has only four partitions, which are asked one by one; this question would save nothing. */
    someWait: async () => true,
    unfinished: async () => [],
    keepEvents: async () => {},
    worker: (name: string, process: Processor, tuning: WorkerTuning) =>
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
    key: (name: string) => name,
    beat: undefined,
  }
  return {
    ...server,
    kind: 'postgres' as const,
    servers: [server] as readonly QueueServer[],
    home: () => server,
    partitions: PARTITIONS,
    /**
     * On PostgreSQL other jobs overtake a job that goes back to its queue. So the job waits inside the worker until
     * its time or until the process stops.
     */
    async putOffInOrder(putOff: PutOff): Promise<void> {
      const waited = await sleep(putOff.afterMs, true, { signal: putOff.stopping }).catch(() => false)
      if (!waited) await holdQueue(putOff)
    },
    isAway: databaseIsDown,
    close: () => pool.end(),
  }
}
