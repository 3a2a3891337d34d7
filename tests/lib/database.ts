import { tables } from '#shop/tables.ts'
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { openDb } from '#shared/db/db.ts'
import type { Db } from '#shared/db/db.ts'
import { migrate } from '#shared/db/migrate.ts'
import { eventually } from './eventually.ts'

const TEMPLATE = 'template_telekassa'
/** Parallel test files wait here while the first one migrates the template. */
const TEMPLATE_LOCK = 7_263_410

export interface TestDatabase {
  url: string
  /** Removes the database. Throws when somebody still holds a connection: that is a leak in the code under test. */
  /** @param patienceMs how long connections may take to close, 30 s unless told */
  drop(patienceMs?: number): Promise<void>
}

/** A migrated, empty database of the caller's own, cloned in about 50 ms. */
export async function createDatabase(): Promise<TestDatabase> {
  return withAdmin(async (admin) => {
    await admin.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK])
    const found = await admin.query('select 1 from pg_database where datname = $1', [TEMPLATE])
    if (found.rowCount === 0) await createTemplate(admin)
    await admin.query('select pg_advisory_unlock($1)', [TEMPLATE_LOCK])
    return clone(admin, TEMPLATE)
  })
}

/** A database without a single table. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  return withAdmin((admin) => clone(admin, 'template1'))
}

/** A migrated database whose ctype is C, as our own server made them at first and many an initdb does. */
export async function createDatabaseOfCtypeC(): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`
  await withAdmin((admin) =>
    admin.query(
      `create database ${name} template template0 encoding 'UTF8' locale_provider libc lc_collate 'C' lc_ctype 'C'`,
    ),
  )
  await migrate(urlOf(name))
  return { url: urlOf(name), drop: (patienceMs) => withAdmin((again) => drop(again, name, patienceMs)) }
}

/**
 * A test's own connections to its database. They wait for a free connection as long as tests wait for
 * anything, not as briefly as workers do.
 */
export async function openTestDb(url: string, options: { max: number; name: string }): Promise<Db> {
  const db = await openDb(url, { ...options, tables })
  db.pool.options.connectionTimeoutMillis = 60_000
  return db
}

async function createTemplate(admin: pg.Client): Promise<void> {
  const building = `${TEMPLATE}_building`
  await admin.query(`drop database if exists ${building} with (force)`)
  await admin.query(`create database ${building}`)
  await migrate(urlOf(building))
  await admin.query(`alter database ${building} rename to ${TEMPLATE}`)
}

async function clone(admin: pg.Client, template: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`
  await admin.query(`create database ${name} template ${template}`)
  return { url: urlOf(name), drop: (patienceMs) => withAdmin((again) => drop(again, name, patienceMs)) }
}

async function drop(admin: pg.Client, name: string, timeoutMs = 30_000): Promise<void> {
  let left: string[] = []
  try {
    await eventually(
      async () => {
        const { rows } = await admin.query<{ who: string }>(
          `select coalesce(nullif(application_name, ''), 'unnamed') || ': ' || left(query, 200) as who
             from pg_stat_activity where datname = $1 and backend_type = 'client backend'`,
          [name],
        )
        left = rows.map((row) => row.who)
        return left.length === 0
      },
      { timeoutMs },
    )
  } catch {
    throw new Error(`connections left open when the test ended:\n${left.join('\n')}`)
  } finally {
    await admin.query(`drop database if exists ${name} with (force)`)
  }
}

async function withAdmin<T>(work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: urlOf('postgres') })
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.end()
  }
}

function urlOf(database: string): string {
  const url = new URL(inject('postgresUrl'))
  url.pathname = `/${database}`
  return url.href
}
