import { MikroORM } from '@mikro-orm/postgresql'
import { Migrator } from '@mikro-orm/migrations'
import { migrations } from '../../../migrations/index.ts'
import { ormWay, wayToDatabase } from './address.ts'
import { LOCK_TIMEOUT_MS, withMigrationLock } from './migration-lock.ts'

/**
 * Brings the schema up to date. Safe to run by several at once: MikroORM's migrator takes no lock of its own, so one of
 * ours lets the others wait and then find nothing to do.
 * Each migration is a transaction of its own, unless it wants none (an index built concurrently).
 * @param say told what is waited for
 * @returns the names of the migrations that were applied
 */
export async function migrate(
  databaseUrl: string,
  { list = migrations, say = () => {} }: { list?: typeof migrations; say?: (line: string) => void } = {},
): Promise<string[]> {
  return await withMigrationLock(databaseUrl, say, async () => {
    const { driverOptions, ...way } = ormWay(await wayToDatabase(databaseUrl))
    const orm = await MikroORM.init({
      ...way,
      // Migrations are plain statements, so MikroORM needs no declared table.
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
      driverOptions: { ...driverOptions, lock_timeout: LOCK_TIMEOUT_MS },
      logger: () => {},
    })
    try {
      const applied = await orm.migrator.up()
      return applied.map((migration) => migration.name)
    } finally {
      await orm.close(true)
    }
  })
}

/** The newest migration this code knows: a process refuses to work on an older schema. */
export const REQUIRED_MIGRATION = migrations.at(-1)!.name
