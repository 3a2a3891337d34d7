import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { databaseProblem } from '../../bin/lib/check-database.ts'
import { checkPooler } from '../../bin/lib/check-pooler.ts'
import { openDb } from '#shared/db/db.ts'
import { migrate } from '#shared/db/migrate.ts'
import { withMigrationLock } from '#shared/db/migration-lock.ts'
import { createDatabase } from '../lib/database.ts'
import type { TestDatabase } from '../lib/database.ts'
import { eventually } from '../lib/eventually.ts'
import { keepsStatements, startPgBouncer } from '../lib/pgbouncer.ts'
import { onPath } from '../lib/requirements.ts'

const IGNORED = 'idle_in_transaction_session_timeout,lock_timeout'
/** Makes a new PgBouncer behave as one that is too old for named statements; an old one does not know the setting. */
const TOO_OLD = {
  ignore_startup_parameters: IGNORED,
  ...(keepsStatements() && { max_prepared_statements: 0 }),
}

describe.skipIf(!onPath('pgbouncer'))('behind PgBouncer in transaction mode', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createDatabase()
  })
  afterAll(() => database.drop())

  test.each([
    ['that refuses our start options', {}, /refuses our start options.*ignore_startup_parameters/],
    ['that is too old for named statements', TOO_OLD, /no named statements/],
    ['too old, and with a single connection', { ...TOO_OLD, default_pool_size: 1 }, /no named statements/],
  ])('F92 a pooler %s is named before a job is taken', async (_what, settings, says) => {
    const pooler = await startPgBouncer(database.url, settings)
    try {
      expect(await databaseProblem(pooler.url)).toMatch(says)
    } finally {
      await pooler.stop()
    }
  })

  test('F92 that is too old works without prepared statements, in transactions and outside of them', async () => {
    const pooler = await startPgBouncer(database.url, TOO_OLD)
    const db = await openDb(pooler.url, { max: 5, name: 'pooled', prepared: false })
    try {
      expect(await databaseProblem(pooler.url, [], false)).toBeUndefined()
      expect((await checkPooler(pooler.url)).map(({ level, says }) => `${level} ${says}`)).toEqual([
        expect.stringMatching(/^warn one in transaction mode: give migrate and backup/),
        expect.stringMatching(/^warn it drops our start options: alter role/),
      ])
      const one = () =>
        db.tx(async (tx) => {
          const [row] = await tx.rows<{ n: string }>({ text: 'select $1::text as n', values: ['n'] })
          return row!.n
        })
      expect(new Set(await Promise.all(Array.from({ length: 50 }, one)))).toEqual(new Set(['n']))
    } finally {
      await db.close()
      await pooler.stop()
    }
  })

  test.skipIf(!keepsStatements())(
    'F92 that is new enough takes more named statements along than it keeps, to whichever connection is free',
    async () => {
      const settings = {
        ignore_startup_parameters: IGNORED,
        max_prepared_statements: 20,
        default_pool_size: 2,
      }
      const pooler = await startPgBouncer(database.url, settings)
      const db = await openDb(pooler.url, { max: 5, name: 'pooled' })
      try {
        expect(await databaseProblem(pooler.url)).toBeUndefined()
        const asked = Array.from({ length: 200 }, (_, index) => index % 50)
        const told = await Promise.all(
          asked.map((number) =>
            db.tx(async (tx) => {
              const text = `select $1::int + ${number} as sum, (select count(*)::int from pg_prepared_statements) as kept`
              const [row] = await tx.rows<{ sum: number; kept: number }>({ text, values: [1_000] })
              return row!
            }),
          ),
        )
        expect(told.map(({ sum }) => sum)).toEqual(asked.map((number) => 1_000 + number))
        const most = Math.max(...told.map(({ kept }) => kept))
        expect(most, 'statements are named').toBeGreaterThan(5)
        expect(most, 'and the old ones dropped').toBeLessThan(25)
      } finally {
        await db.close()
        await pooler.stop()
      }
    },
  )

  test.skipIf(!keepsStatements())(
    'F92 after a migration every statement is planned anew, although the pooler knows statements by their text',
    async () => {
      const settings = {
        ignore_startup_parameters: IGNORED,
        max_prepared_statements: 500,
        default_pool_size: 1,
      }
      const pooler = await startPgBouncer(database.url, settings)
      const db = await openDb(pooler.url, { max: 5, name: 'pooled' })
      const direct = await openDb(database.url, { max: 1, name: 'migrator' })
      const migrator = (text: string) => direct.rows({ text, values: [] })
      try {
        await migrator('create table widened (id int)')
        let tries = 0
        const read = () =>
          db.tx((tx) => {
            tries += 1
            return tx.rows({ text: 'select * from widened', values: [] })
          })
        for (let time = 0; time < 3; time++) await read()
        await migrator('alter table widened add column name text')
        tries = 0
        for (let time = 0; time < 10; time++) await read()
        expect(tries, 'the first one fails once').toBe(11)
      } finally {
        await migrator('drop table if exists widened')
        await Promise.all([db.close(), direct.close()])
        await pooler.stop()
      }
    },
  )

  test('F92 in session mode everything fits, and what it drops is told with the way out', async () => {
    const settings = { pool_mode: 'session', ignore_startup_parameters: IGNORED }
    const pooler = await startPgBouncer(database.url, settings)
    try {
      expect(await databaseProblem(pooler.url)).toBeUndefined()
      expect((await checkPooler(pooler.url)).map(({ level, says }) => `${level} ${says}`)).toEqual([
        'ok connections are sessions of their own',
        expect.stringMatching(/^warn it drops our start options: alter role/),
      ])
      expect(await databaseProblem(database.url)).toBeUndefined()
      expect(await checkPooler(database.url)).toEqual([
        { check: 'pooler', level: 'ok', says: 'connections are sessions of their own' },
      ])
    } finally {
      await pooler.stop()
    }
  })

  test.each<Record<string, string>>([{}, { ignore_startup_parameters: IGNORED }])(
    'F93 migrations refuse a pooler that hands on no lock_timeout (%j), and leave no lock in it',
    async (settings) => {
      const pooler = await startPgBouncer(database.url, settings)
      try {
        await expect(migrate(pooler.url)).rejects.toThrow(/Give migrate a DATABASE_URL of PostgreSQL itself/)
        expect(await migrate(database.url)).toEqual([])
      } finally {
        await pooler.stop()
      }
    },
  )
})

describe('the lock of the migrations', () => {
  let database: TestDatabase
  let watcher: pg.Client
  beforeEach(async () => {
    database = await createDatabase()
    watcher = new pg.Client({ connectionString: database.url })
    await watcher.connect()
  })
  afterEach(async () => {
    await watcher.end()
    await database.drop()
  })

  test('F93 is waited for aloud, stops no index that is built meanwhile, and is gone with its holder', async () => {
    const said: string[] = []
    let second: Promise<string[]> | undefined
    await withMigrationLock(
      database.url,
      () => {},
      async () => {
        second = migrate(database.url, { say: (line) => said.push(line) })
        second.catch(() => {})
        await eventually(() => said.length > 0)
        await watcher.query('create index concurrently on persons (first_name)')
        expect(said).toEqual([
          expect.stringMatching(
            /^waiting for another migration: PostgreSQL's process \d+ \(telekassa-migrate\) has its lock since/,
          ),
        ])
      },
    )
    expect(await second).toEqual([])
    // The pooler's server leaves a closed connection a moment later.
    await eventually(
      async () =>
        (await watcher.query(`select 1 from pg_locks where locktype = 'advisory'`)).rows.length === 0,
      { what: 'no lock is held any more' },
    )
  })

  test('F93 that a pooler keeps for somebody who is gone is named, with what frees it', async () => {
    await watcher.query('select pg_advisory_lock(7351002714)')
    const said: string[] = []
    const waiting = migrate(database.url, { say: (line) => said.push(line) })
    await eventually(() => said.length > 0)
    expect(said[0]).toMatch(
      /If none runs, a pooler keeps that connection: select pg_terminate_backend\(\d+\)$/,
    )
    await watcher.query('select pg_advisory_unlock_all()')
    expect(await waiting).toEqual([])
  })
})
