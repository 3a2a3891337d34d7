import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { startPostgres } from '../../bin/infra/postgres.ts'
import { checkReplica } from '../../bin/lib/check-replica.ts'
import { openDb } from '#shared/db/db.ts'
import type { Db, Sql } from '#shared/db/db.ts'
import { migrate } from '#shared/db/migrate.ts'
import { createMetrics } from '#shared/metrics.ts'
import { conversion, newPeople, revenue, sales } from '#shop/admin/stats.ts'
import { exportQuery } from '#shop/exports/queries.ts'
import { EXPORT_KINDS } from '#shop/exports/tables.ts'
import { writeCsv } from '#shop/exports/worker/write.ts'
import { countAudience } from '#shop/mailings/audience.ts'
import { guessAudience } from '#shop/mailings/guess.ts'
import { tables } from '#shop/tables.ts'
import { startCutProxy } from '../lib/cut-proxy.ts'
import type { CutProxy } from '../lib/cut-proxy.ts'
import { eventually } from '../lib/eventually.ts'
import { startStandby } from '../lib/standby.ts'

// One primary and one standby that streams from it serve all tests of this file, because they take seconds to
// start.

const log = { info() {}, warn: (message: string) => console.warn(message) }
const SHOP = 'shop_of_the_replica'

let folder: string
let stops: (() => Promise<void>)[] = []
let proxy: CutProxy
let primaryUrl: string
let owner: pg.Client
let onStandby: pg.Client
let opened: Db[] = []
let told: (string | undefined)[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'telekassa-replica-'))
  const dataDir = join(folder, 'primary')
  const primary = await startPostgres({ dataDir, log, fsync: false })
  stops.push(primary.stop)
  await migrate(primary.url)
  owner = new pg.Client({ connectionString: primary.url })
  await owner.connect()
  await owner.query(
    `create role ${SHOP} login password 'shop'; grant select, insert on all tables in schema public to ${SHOP}`,
  )
  const standby = await startStandby({ url: primary.url, dataDir }, join(folder, 'standby'))
  stops.push(standby.stop)
  onStandby = new pg.Client({ connectionString: standby.url })
  await onStandby.connect()
  const shop = (url: string) => url.replace(/\/\/[^@]+@/, `//${SHOP}:shop@`)
  primaryUrl = shop(primary.url)
  proxy = await startCutProxy(shop(standby.url))
})
afterAll(async () => {
  await Promise.all([owner.end(), onStandby.end()])
  await proxy.close()
  for (const stop of stops.toReversed()) await stop()
  await rm(folder, { recursive: true, force: true })
})
beforeEach(() => {
  told = []
})
afterEach(async () => {
  proxy.be('up')
  await onStandby.query('select pg_wal_replay_resume()')
  await Promise.all(opened.map((db) => db.close()))
  opened = []
})

/** Opens the shop's database together with its replica. */
async function open(maxAgeMs: number, url = proxy.url, patience = PATIENT): Promise<Db> {
  const replica = { url, maxAgeMs, patience, changed: (away: string | undefined) => void told.push(away) }
  const db = await openDb(primaryUrl, { max: 3, name: 'replica-test', tables, replica })
  opened.push(db)
  return db
}

/**
 * With these times no read gives the replica up, even if the machine stands still for a while. A test that wants a
 * read to give it up says so.
 */
const PATIENT = { catchUpMs: 60_000, lookMs: 60_000 }

let number = 0
/** @returns the name of a row that is now on the primary */
async function write(db: Db): Promise<string> {
  const name = `replica test ${++number}`
  await db.rows({ text: 'insert into cursors (name, value) values ($1, $2)', values: [name, ''] })
  return name
}

/** Which server answered a read, and whether that server has the row. */
async function look(db: Db, name: string): Promise<{ standby: boolean; has: boolean }> {
  const [row] = await db.reads.rows<{ standby: boolean; has: boolean }>({
    text: 'select pg_is_in_recovery() as standby, exists (select from cursors where name = $1) as has',
    values: [name],
  })
  return row!
}

test('what is only shown is read from the replica, which has what was written a moment ago', async () => {
  const db = await open(60_000)
  for (let time = 0; time < 20; time++)
    expect(await look(db, await write(db))).toEqual({ standby: true, has: true })
  expect(told).toEqual([])
})

test('a replica does not count as old because nothing happens in the shop', async () => {
  const db = await open(1)
  const name = await write(db)
  await look(db, name)
  await eventually(async () => {
    const { rows } = await onStandby.query<{ idle: number }>(
      'select extract(epoch from now() - pg_last_xact_replay_timestamp())::float8 * 1000 as idle',
    )
    return rows[0]!.idle > 1
  })
  expect(await look(db, name)).toEqual({ standby: true, has: true })
})

test('a replica that stopped replaying is read until it is as old as is allowed; then the primary is read, and later the replica again', async () => {
  const patient = await open(3_600_000, proxy.url, { ...PATIENT, catchUpMs: 50 })
  const strict = await open(1_000, proxy.url, { ...PATIENT, catchUpMs: 50 })
  await look(patient, await write(patient))
  await eventually(async () => (await look(strict, '')).standby)
  told = []
  await onStandby.query('select pg_wal_replay_pause()')
  const name = await write(strict)
  expect(await look(patient, name)).toEqual({ standby: true, has: false })
  await eventually(async () => expect(await look(strict, name)).toEqual({ standby: false, has: true }))
  expect(told).toEqual([expect.stringMatching(/^what it shows is \d+ s old$/)])
  expect(await strict.replica!()).toMatchObject({ serves: false })
  expect((await strict.replica!()).ageSeconds).toBeGreaterThan(1)
  for (let time = 0; time < 5; time++) expect(await look(strict, name)).toEqual({ standby: false, has: true })
  expect(told).toHaveLength(1)

  await onStandby.query('select pg_wal_replay_resume()')
  await eventually(async () => expect(await look(strict, name)).toEqual({ standby: true, has: true }))
  expect(told.slice(1)).toEqual([undefined])
})

test.each(['down', 'gone'] as const)(
  'nobody notices a replica that is %s: each read is answered by the primary',
  async (how) => {
    const db = await open(60_000)
    const name = await write(db)
    expect(await look(db, name)).toEqual({ standby: true, has: true })
    proxy.be(how)
    for (let time = 0; time < 5; time++) expect(await look(db, name)).toEqual({ standby: false, has: true })
    expect(told).toEqual([expect.stringMatching(/^it cannot be read: /)])
    proxy.be('up')
    await eventually(async () => expect(await look(db, name)).toEqual({ standby: true, has: true }))
    expect(told.slice(1)).toEqual([undefined])
  },
)

test('a connection that is cut in the middle of a file begins it anew on the primary', async () => {
  const db = await open(60_000)
  await look(db, '')
  proxy.cutOn('generate_series', 'after')
  const query = 'select n as id from generate_series(1, 20000) n'
  const path = join(folder, 'cut.csv')
  const { rows } = await writeCsv(db.reads, query, { folder, name: 'cut.csv', delimiter: ',' })
  expect(rows).toBe(20_000)
  expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(20_002)
  expect(proxy.cuts()).toBe(1)
})

test('a server that follows nobody, and nothing at all, are no replicas', async () => {
  const alone = await open(60_000, primaryUrl)
  expect(await look(alone, await write(alone))).toEqual({ standby: false, has: true })
  expect(told).toEqual(['it follows no primary'])
  expect(await checkReplica(alone)).toEqual([
    {
      check: 'replica',
      level: 'warn',
      says: expect.stringMatching(/^it follows no primary: .*runbook Replica$/) as string,
    },
  ])
  const none = await openDb(primaryUrl, { max: 1, name: 'no-replica' })
  opened.push(none)
  expect(await look(none, await write(none))).toEqual({ standby: false, has: true })
  expect(none.replica).toBeUndefined()
  expect(await checkReplica(none)).toEqual([])
})

test('files, statistics and audiences are read from the replica whole', async () => {
  const db = await open(60_000)
  // The primary refuses everything, so a read that is answered came from the replica.
  const served: Db = Object.create(db, {
    rows: { value: () => Promise.reject(new Error('asked of the primary')) },
  }) as Db
  const bots = undefined
  await Promise.all([
    revenue(served.reads, bots, 7, 10n),
    newPeople(served.reads, bots, 7),
    conversion(served.reads, bots, 7),
    sales(served.reads, bots, 7),
  ])
  expect(await countAudience(served.reads, {}, 'main', undefined)).toBe(0)
  expect(await guessAudience(served.reads, {}, 'main', undefined)).toEqual({ count: 0, isGuess: false })
  for (const kind of EXPORT_KINDS) {
    const query = exportQuery(kind, { broadcastId: 'none' })
    expect((await writeCsv(served.reads, query, { folder, name: `${kind}.csv`, delimiter: ',' })).rows).toBe(
      0,
    )
  }
  expect(told).toEqual([])
})

test('what writes is refused there, and whatever decides about money cannot be given the replica', async () => {
  const db = await open(60_000)
  const text = `insert into cursors (name, value) values ('written through reads', '')`
  await expect(db.reads.rows({ text, values: [] })).rejects.toMatchObject({ code: '25006' })
  expect(await look(db, 'written through reads')).toEqual({ standby: true, has: false })
  // @ts-expect-error it has no way to owe anything, and none to entities
  const money: Sql = db.reads
  expect(money).toBeDefined()
})

test('the figures and the doctor say whether it is read, and how old it is', async () => {
  const db = await open(1_000)
  await look(db, await write(db))
  const metrics = createMetrics()
  metrics.watchReplica('exports', db.replica!)
  expect(await metrics.registry.getSingleMetricAsString('telekassa_replica_serves')).toContain(
    '{pool="exports"} 1',
  )
  expect(await checkReplica(db)).toEqual([
    { check: 'replica', level: 'warn', says: expect.stringMatching(/hot_standby_feedback = on/) as string },
  ])
  await onStandby.query('alter system set hot_standby_feedback = on')
  await onStandby.query('select pg_reload_conf()')
  await eventually(async () =>
    expect(await checkReplica(db)).toEqual([
      { check: 'replica', level: 'ok', says: expect.stringMatching(/s behind at most$/) as string },
    ]),
  )
  proxy.be('down')
  expect(await metrics.registry.getSingleMetricAsString('telekassa_replica_serves')).toContain(
    '{pool="exports"} 0',
  )
})
