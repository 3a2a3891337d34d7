import { setTimeout as sleep } from 'node:timers/promises'
import { Queue, Worker, createPostgresBackend, runMigrations } from 'bullmq'
import pg from 'pg'
import { wayToDatabase } from '../db/address.ts'
import { databaseIsDown } from '../db/errors.ts'
import { holdQueue } from './bull.ts'
import type { BullQueue, BullWorker, Processor, PutOff, WorkerTuning } from './bull.ts'

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
  // Every queue and worker listens on the shared pool.
  pool.setMaxListeners(0)
  return {
    kind: 'postgres' as const,
    partitions: PARTITIONS,
    queue: (name: string) =>
      new Queue(name, { connection: pool }, createPostgresBackend) as unknown as BullQueue,
    /** PostgreSQL has four partitions: they are asked one by one, and this question would spare nothing. */
    someWait: async () => true,
    keepEvents: async () => {},
    worker: (name: string, process: Processor, tuning: WorkerTuning) =>
      new Worker(
        name,
        process,
        { ...tuning, connection: pool, autorun: false },
        createPostgresBackend,
      ) as unknown as BullWorker,
    /** On PostgreSQL others overtake a job that goes back, so the job waits in the worker's hands until the process stops. */
    async putOffInOrder(putOff: PutOff): Promise<void> {
      const waited = await sleep(putOff.afterMs, true, { signal: putOff.stopping }).catch(() => false)
      if (!waited) await holdQueue(putOff)
    },
    isAway: databaseIsDown,
    ping: async () => {
      await pool.query('select 1')
    },
    redis: undefined,
    key: (name: string) => name,
    beat: undefined,
    close: () => pool.end(),
  }
}
