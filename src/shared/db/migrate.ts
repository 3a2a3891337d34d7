import { MikroORM } from '@mikro-orm/postgresql'
import { Migrator } from '@mikro-orm/migrations'
import pg from 'pg'
import { migrations } from '../../../migrations/index.ts'

/** Any constant will do, as long as every release uses the same one. */
const MIGRATION_LOCK = 7_351_002_714n

/** Whoever needs a table that a migration waits for waits behind it: better to give up and be run again. */
const LOCK_TIMEOUT_MS = 5_000

/**
 * Brings the schema up to date. Safe to run by several at once: MikroORM's migrator takes no lock of its own,
 * so a session advisory lock on a connection of ours lets the others wait and then find nothing to do.
 * Each migration is a transaction of its own, unless it wants none (an index built concurrently).
 * @returns the names of the migrations that were applied
 */
export async function migrate(databaseUrl: string, list = migrations): Promise<string[]> {
  const lock = new pg.Client({ connectionString: databaseUrl })
  await lock.connect()
  try {
    await lock.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
    const orm = await MikroORM.init({
      clientUrl: databaseUrl,
      // Migrations are statements: they know no declared table.
      entities: [],
      discovery: { warnWhenNoEntities: false },
      extensions: [Migrator],
      migrations: {
        migrationsList: list,
        snapshot: false,
        tableName: 'migrations',
        allOrNothing: false,
      },
      pool: { min: 0, max: 2 },
      driverOptions: { lock_timeout: LOCK_TIMEOUT_MS },
      logger: () => {},
    })
    try {
      const applied = await orm.migrator.up()
      return applied.map((migration) => migration.name)
    } finally {
      await orm.close(true)
    }
  } finally {
    await lock.end()
  }
}

/** The newest migration this code knows: a process refuses to work on an older schema. */
export const REQUIRED_MIGRATION = migrations.at(-1)!.name
