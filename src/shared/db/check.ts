import pg from 'pg'
import { REQUIRED_MIGRATION } from './migrate.ts'

/** @returns undefined when the database is there and its schema is new enough, else what is wrong and what to do */
export async function databaseProblem(databaseUrl: string): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 })
  try {
    await client.connect()
    const table = await client.query<{ there: boolean }>(
      `select to_regclass('migrations') is not null as there`,
    )
    if (!table.rows[0]?.there) return 'its schema is empty. Run: npm run migrate'
    const found = await client.query('select 1 from migrations where name = $1', [REQUIRED_MIGRATION])
    return found.rowCount
      ? undefined
      : `its schema is older than this release (${REQUIRED_MIGRATION}). Run: npm run migrate`
  } catch (error) {
    return `it does not answer (${(error as Error).message}). Check DATABASE_URL and that it runs.`
  } finally {
    await client.end().catch(() => {})
  }
}
