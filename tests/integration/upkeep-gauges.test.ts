import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { openDb } from '#shared/db/db.ts'
import type { Db } from '#shared/db/db.ts'
import { createLog } from '#shared/log.ts'
import { createMetrics } from '#shared/metrics.ts'
import type { Metrics } from '#shared/metrics.ts'
import { openBackend } from '#shared/queue/backend.ts'
import type { QueueBackend } from '#shared/queue/backend.ts'
import { catalogue } from '#shop/jobs.ts'
import { handle } from '#shared/queue/executor.ts'
import { runQueue } from '#shared/queue/run-queue.ts'
import { done, later } from '#shared/queue/job.ts'
import { openProducer } from '#shared/queue/producer.ts'
import type { Producer } from '#shared/queue/producer.ts'
import { expire } from '#shop/payments/jobs.ts'
import type { Bots } from '#shared/telegram/bots.ts'
import { readGauges } from '#workers/upkeep/gauges.ts'
import { readVitals } from '#workers/upkeep/vitals.ts'
import { migrateShop } from '../../bin/lib/migrate-shop.ts'
import { roleProblem } from '../../bin/lib/check-role.ts'
import { createDatabase, createEmptyDatabase } from '../lib/database.ts'
import type { TestDatabase } from '../lib/database.ts'
import { eventually } from '../lib/eventually.ts'
import { tempFolder } from '../lib/infra.ts'
import { redisUrl } from '../lib/redis.ts'
import { hasClient, redisAvailable } from '../lib/requirements.ts'

/** The bots that upkeep serves, where a test is not about them. */
const bots: Bots = new Map()

/** The value of one series as Prometheus would read it; undefined = not exported. */
async function value(
  metrics: Metrics,
  name: string,
  labels: Record<string, string> = {},
): Promise<number | undefined> {
  const all = await metrics.registry.getSingleMetric(`telekassa_${name}`)!.get()
  return all.values.find((one) => Object.entries(labels).every(([key, text]) => one.labels[key] === text))
    ?.value
}

describe.skipIf(!redisAvailable())('the figures that upkeep exports', () => {
  let database: TestDatabase
  let db: Db
  let backend: QueueBackend
  let producer: Producer
  let metrics: Metrics

  beforeAll(async () => {
    database = await createDatabase()
    db = await openDb(database.url, { max: 3, name: 'test' })
    backend = await openBackend({ kind: 'redis', url: await redisUrl() }, 'tk')
    producer = openProducer(backend, catalogue)
    await db.rows(q`insert into bots (name) values ('main')`)
    await db.rows(q`insert into persons (id) values (1)`)
  })
  beforeEach(() => {
    metrics = createMetrics()
  })
  afterAll(async () => {
    await Promise.all([...producer.queues.values()].flat().map((queue) => queue.close()))
    await backend.close()
    await db.close()
    await database.drop()
  })

  test('a delayed job whose time has come counts as due although no worker runs', async () => {
    const [queue] = producer.queues.get('upkeep')!
    await producer.add(expire, { at: 'later' }, { delayMs: 3_600_000 })
    await producer.add(expire, { at: 'soon' }, { delayMs: 1 })
    await producer.add(expire, { at: 'now' })
    await eventually(async () => {
      await readGauges({ db, producer, metrics, backend })
      const due = await value(metrics, 'queue_jobs', { queue: 'upkeep', state: 'due' })
      // In the millisecond in which it becomes due, a job is 0 s old.
      return due === 1 && (await value(metrics, 'queue_oldest_age_seconds', { queue: 'upkeep' }))! > 0
    })
    expect(await value(metrics, 'queue_jobs', { queue: 'upkeep', state: 'delayed' })).toBe(2)
    expect(await value(metrics, 'queue_jobs', { queue: 'upkeep', state: 'wait' })).toBe(1)
    expect(await value(metrics, 'queue_jobs', { queue: 'billing', state: 'wait' })).toBe(0)
    await queue!.obliterate({ force: true })
  })

  test('the oldest job counts from when it was due, whether it waits or no worker has moved it there', async () => {
    const [queue] = producer.queues.get('exports')!
    const minutes = (count: number) => count * 60_000
    const data = { v: 1 as const, payload: {} }
    const age = async () => {
      await readGauges({ db, producer, metrics, backend })
      return value(metrics, 'queue_oldest_age_seconds', { queue: 'exports' })
    }
    // The job was made an hour ago, and has been due for ten minutes.
    const made = { timestamp: Date.now() - minutes(60), delay: minutes(50) }
    await queue!.add('any', data, made)
    await queue!.add('any', data, made)
    expect(await age()).toBeGreaterThan(590)
    expect(await age()).toBeLessThan(2_000)

    // The worker moves both jobs and has room for one of them, so the other one waits.
    let release: () => void = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const worker = backend.worker('exports', () => held, { concurrency: 1 })
    void worker.run()
    await eventually(async () => (await queue!.getWaitingCount()) === 1)
    expect(await age()).toBeGreaterThan(590)
    expect(await age()).toBeLessThan(2_000)
    release()
    await worker.close()
    await queue!.obliterate({ force: true })
  })

  test('how long a job waited counts from when it was due, also after it was put aside', async () => {
    const [queue] = producer.queues.get('exports')!
    const context = {
      backend,
      db,
      producer,
      metrics,
      log: createLog({ level: 'silent', name: 'test' }),
    }
    const seen: string[] = []
    const handlers = [...catalogue.values()]
      .filter((type) => type.queue === 'exports')
      .map((type) =>
        handle(type, async (_, { jobId }) => {
          seen.push(jobId)
          return seen.length === 1 ? later(1, 'as told') : done
        }),
      )
    const { type } = handlers[0]!
    vi.spyOn(type.payload, 'safeParse').mockImplementation((data) => ({ success: true, data }) as never)
    const an_hour = { timestamp: Date.now() - 3_600_000, delay: 3_600_000 }
    await queue!.add(type.name, { v: 1, payload: {} }, { ...an_hour, jobId: 'put-aside' })
    const running = runQueue(context, 'exports', handlers)
    await eventually(() => seen.length === 2)
    await running.stop(5_000)
    vi.restoreAllMocks()
    const { values } = await metrics.registry.getSingleMetric('telekassa_job_wait_seconds')!.get()
    const sum = values.find((one) => (one as { metricName?: string }).metricName?.endsWith('_sum'))!.value
    expect(sum).toBeLessThan(1_800)
    await queue!.obliterate({ force: true })
  })

  test('F95: a paused queue says so, and its jobs are counted apart from those that wait', async () => {
    const [queue] = producer.queues.get('upkeep')!
    await queue!.pause()
    await producer.add(expire, { at: 'paused' })
    await readGauges({ db, producer, metrics, backend })
    expect(await value(metrics, 'queue_paused', { queue: 'upkeep' })).toBe(1)
    expect(await value(metrics, 'queue_paused', { queue: 'billing' })).toBe(0)
    expect(await value(metrics, 'queue_jobs', { queue: 'upkeep', state: 'paused' })).toBe(1)
    expect(await value(metrics, 'queue_jobs', { queue: 'upkeep', state: 'wait' })).toBe(0)
    expect(await value(metrics, 'queue_oldest_age_seconds', { queue: 'upkeep' })).toBe(0)
    await queue!.resume()
    await queue!.obliterate({ force: true })
  })

  test('F95: one paused partition hides nothing of what waits in the others', async () => {
    const partitions = producer.queues.get('updates')!
    const data = { v: 1 as const, payload: {} }
    for (const one of partitions.slice(0, 3)) await one.add('any', data, { timestamp: Date.now() - 60_000 })
    await partitions[0]!.pause()
    await readGauges({ db, producer, metrics, backend })
    expect(await value(metrics, 'queue_paused', { queue: 'updates' })).toBe(1)
    expect(await value(metrics, 'queue_jobs', { queue: 'updates', state: 'wait' })).toBe(2)
    expect(await value(metrics, 'queue_jobs', { queue: 'updates', state: 'paused' })).toBe(1)
    expect(await value(metrics, 'queue_oldest_age_seconds', { queue: 'updates' })).toBeGreaterThan(59)
    await partitions[0]!.resume()
    await Promise.all(partitions.slice(0, 3).map((one) => one.obliterate({ force: true })))
  })

  test('a paid order is stuck when it stands longer than its state allows', async () => {
    const states = ['reserved', 'fulfilling', 'unknown', 'review', 'awaiting_payment']
    for (const state of states) {
      for (const minutes of [4, 14, 59, 61]) {
        await db.rows(q`
          insert into orders (id, person_id, bot, good, state, asset, price, updated_at)
          values (${`${state}-${minutes}`}, 1, 'main', 'stars', ${state}, 'RUB', 100,
                  now() - ${minutes} * interval '1 minute')`)
      }
    }
    await readVitals({ db, metrics, backend, bots })
    const stuck = await Promise.all(states.map((stage) => value(metrics, 'orders_stuck', { stage })))
    expect(stuck).toEqual([3, 2, 2, 1, undefined])
  })

  test('a lasting difference of Stars is a figure of every replica until the books agree, and a bot that left has none', async () => {
    const bots = new Map([
      ['main', {}],
      ['new', {}],
    ]) as never
    const difference = async (bot = 'main') => {
      await readVitals({ db, metrics, backend, bots })
      return await value(metrics, 'stars_difference', { bot })
    }
    const compared = (value: object, bot = 'main') =>
      db.rows(q`
      insert into cursors (name, value) values (${`balance of stars ${bot}`}, ${JSON.stringify(value)})
      on conflict (name) do update set value = excluded.value`)
    const since = new Date().toISOString()
    await compared({ telegram: 5, books: '45', since, lasts: true }, 'left')
    expect(await difference()).toBeUndefined()
    await compared({ telegram: 5, books: '45', since })
    expect(await difference(), 'a payment may be under way').toBe(0)
    await compared({ telegram: 5, books: '45', since, lasts: true })
    expect(await difference()).toBe(-40)
    await compared({ telegram: 45, books: '45' })
    expect(await difference()).toBe(0)
    expect([await difference('left'), await difference('new')]).toEqual([undefined, undefined])
  })

  test('how full PostgreSQL and Redis are', async () => {
    await readVitals({ db, metrics, backend, bots })
    const [most] = await db.rows(
      q<{ most: number }>`select current_setting('max_connections')::float8 as most`,
    )
    expect(await value(metrics, 'db_server_max_connections')).toBe(most!.most)
    expect(await value(metrics, 'db_server_connections')).toBeGreaterThan(0)
    expect(await value(metrics, 'db_size_bytes')).toBeGreaterThan(1_000_000)
    expect(await value(metrics, 'redis_memory_bytes')).toBeGreaterThan(100_000)
    expect(await value(metrics, 'redis_max_memory_bytes')).toBeGreaterThan(0)
    expect(await value(metrics, 'redis_evicted_keys')).toBe(0)
  })

  test('callers that wait for a connection are counted by pool', async () => {
    metrics.watchPool('billing', db.pool)
    const held = await Promise.all(Array.from({ length: 3 }, () => db.pool.connect()))
    const waiting = db.pool.connect()
    expect(await value(metrics, 'db_pool_connections', { pool: 'billing', state: 'busy' })).toBe(3)
    expect(await value(metrics, 'db_pool_connections', { pool: 'billing', state: 'waiting' })).toBe(1)
    for (const one of held) one.release()
    ;(await waiting).release()
    expect(await value(metrics, 'db_pool_connections', { pool: 'billing', state: 'waiting' })).toBe(0)
  })

  test('a blocked event loop shows in the next scrape only', async () => {
    await value(metrics, 'event_loop_lag_seconds')
    await eventually(async () => {
      const until = performance.now() + 400
      while (performance.now() < until);
      await new Promise((done) => setTimeout(done, 30))
      return ((await value(metrics, 'event_loop_lag_seconds')) ?? 0) > 0.2
    })
    await eventually(async () => ((await value(metrics, 'event_loop_lag_seconds')) ?? 1) < 0.1, {
      everyMs: 200,
    })
  })

  describe('the backup', () => {
    const script = resolve(import.meta.dirname, '../../deploy/backup/backup.sh')

    type Run = (args?: string[], own?: Record<string, string>) => string

    /** Stand-ins for PostgreSQL's own tools, which write down what they were asked. */
    async function tools(scripts: Record<string, string>): Promise<{ folder: string; run: Run }> {
      const folder = await tempFolder()
      mkdirSync(join(folder, 'bin'))
      mkdirSync(join(folder, 'backups'))
      for (const [name, text] of Object.entries(scripts)) {
        writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${text}\n`)
        chmodSync(join(folder, 'bin', name), 0o755)
      }
      const env = {
        PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
        BACKUPS: join(folder, 'backups'),
        OUT: folder,
        DATABASE_URL: database.url,
        BACKUP_KEY,
      }
      return {
        folder,
        run: (args = ['once'], own = {}) =>
          execFileSync('bash', [script, ...args], {
            env: { ...env, ...own },
            encoding: 'utf8',
            stdio: 'pipe',
          }),
      }
    }
    const BACKUP_KEY = Buffer.alloc(32, 7).toString('base64')
    const dump = 'echo dumped'
    const psql = 'for a in "$@"; do last=$a; done; echo "$last" > "$OUT/statement.sql"'

    test('that was never made has 0 as its figure, not a date', async () => {
      await readVitals({ db, metrics, backend, bots })
      expect(await value(metrics, 'backup_timestamp_seconds')).toBe(0)
    })

    test('leaves a dump, keeps the newest fourteen and notes itself in the database', async () => {
      const { folder, run } = await tools({ pg_dump: dump, pg_restore: 'cat > /dev/null', psql })
      for (let day = 10; day < 26; day++) {
        writeFileSync(
          join(folder, 'backups', `telekassa-202001${day}-000000.dump${day > 13 ? '.gpg' : ''}`),
          '',
        )
      }
      expect(run()).toContain('backup is complete')
      const left = readdirSync(join(folder, 'backups')).toSorted()
      expect(left).toHaveLength(14)
      expect(left[0]).toBe('telekassa-20200113-000000.dump')
      const newest = join(folder, 'backups', left.at(-1)!)
      // F115: the dump is not in clear, and only its own key opens it.
      expect(readFileSync(newest).includes('dumped')).toBe(false)
      expect(run(['open', newest])).toBe('dumped\n')
      const other = { BACKUP_KEY: Buffer.alloc(32, 8).toString('base64') }
      expect(() => run(['open', newest], other)).toThrow(/decryption failed/)
      const bytes = readFileSync(newest)
      for (const wrong of [bytes.subarray(0, -5), Buffer.concat([bytes.subarray(0, -5), Buffer.alloc(5)])]) {
        writeFileSync(newest, wrong)
        expect(() => run(['open', newest])).toThrow(/gpg/)
      }
      for (const none of ['', 'c2hvcnQ='])
        expect(() => run(['once'], { BACKUP_KEY: none })).toThrow(/BACKUP_KEY must be 32 bytes/)

      await db.pool.query(readFileSync(join(folder, 'statement.sql'), 'utf8'))
      await readVitals({ db, metrics, backend, bots })
      const age = Date.now() / 1000 - (await value(metrics, 'backup_timestamp_seconds'))!
      expect(Math.abs(age)).toBeLessThan(60)
    })

    // pg_dump refuses a server that is newer than itself, and the server of these tests is of version 18.
    test.skipIf(!hasClient(18))(
      'F115 is made by the shop’s own role, and fills an empty database in which the migration grants it its rights again',
      async () => {
        const shop = new URL(database.url)
        shop.username = `shop_${process.pid}_${Date.now()}`
        shop.password = 'of the shop'
        await migrateShop({ databaseUrl: shop.href, migrateDatabaseUrl: database.url })
        await db.rows(q`insert into bots (name) values ('kept')`)
        const { folder, run } = await tools({})
        expect(run(['once'], { DATABASE_URL: shop.href })).toContain('backup is complete')
        const file = join(folder, 'backups', readdirSync(join(folder, 'backups'))[0]!)

        const empty = await createEmptyDatabase()
        run(['restore', file], { DATABASE_URL: empty.url })
        const there = new URL(empty.url)
        there.username = shop.username
        there.password = 'of the shop'
        expect(await migrateShop({ databaseUrl: there.href, migrateDatabaseUrl: empty.url })).toEqual({
          applied: [],
          granted: shop.username,
        })
        const restored = await openDb(there.href, { max: 1, name: 'restored' })
        expect(await restored.rows(q`select name from bots where name = 'kept'`)).toHaveLength(1)
        expect(await roleProblem(there.href)).toBeUndefined()
        await restored.close()
        await empty.drop()
        await db.rows(q`delete from bots where name = 'kept'`)
        await db.pool.query(`drop owned by ${shop.username}`)
        await db.pool.query(`drop role ${shop.username}`)
      },
    )

    test('that cannot be read is not kept and not noted', async () => {
      // A dump that ended too soon may still have a readable list of contents.
      for (const broken of [{ pg_restore: 'exit 1' }, { pg_dump: 'echo dumped; exit 1' }]) {
        const { folder, run } = await tools({
          pg_dump: dump,
          pg_restore: 'cat > /dev/null',
          psql,
          ...broken,
        })
        expect(() => run()).toThrow()
        const kept = readdirSync(join(folder, 'backups')).filter((name) => /\.dump(\.gpg)?$/.test(name))
        expect(kept).toEqual([])
        expect(readdirSync(folder)).not.toContain('statement.sql')
      }
    })
  })
})
