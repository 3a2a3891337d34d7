import { MikroORM } from '@mikro-orm/postgresql'
import { Migrator } from '@mikro-orm/migrations'
import pg from 'pg'
import { migrations } from '../../../migrations/index.ts'
import { entities } from './entities/index.ts'

/** Any constant will do, as long as every release uses the same one. */
const MIGRATION_LOCK = 7_351_002_714n

/**
 * Brings the schema up to date. Safe to run by several at once: MikroORM's migrator takes no lock of its own,
 * so a session advisory lock on a connection of ours lets the others wait and then find nothing to do.
 * @returns the names of the migrations that were applied
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const lock = new pg.Client({ connectionString: databaseUrl })
  await lock.connect()
  try {
    await lock.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
    const orm = await MikroORM.init({
      clientUrl: databaseUrl,
      entities,
      extensions: [Migrator],
      migrations: { migrationsList: migrations, snapshot: false, tableName: 'migrations' },
      pool: { min: 0, max: 2 },
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
