import pg from 'pg'
import type { BotSettings } from '#shared/config/bots.ts'
import { REQUIRED_MIGRATION } from '#shared/db/migrate.ts'
import { wayToDatabase } from '#shared/db/address.ts'
import { connectionProblem } from './connection-problem.ts'
import { poolerProblem } from './check-pooler.ts'

const CONNECT_MS = 5_000

/** @returns why the database cannot be reached, and what to do; undefined = it can */
export async function unreachableDatabase(databaseUrl: string): Promise<string | undefined> {
  let client: pg.Client | undefined
  try {
    client = new pg.Client({ ...(await wayToDatabase(databaseUrl)), connectionTimeoutMillis: CONNECT_MS })
    client.on('error', () => {})
    await client.connect()
    return undefined
  } catch (error) {
    return connectionProblem(error)
  } finally {
    await client?.end().catch(() => {})
  }
}

/**
 * @param bots the bots of the settings
 * @param preparedStatements the value in the settings
 * @returns undefined when the database is reachable, its schema is new enough and it knows the bots by the same
 * names; else what is wrong and what to do
 */
export async function databaseProblem(
  databaseUrl: string,
  bots: readonly BotSettings[] = [],
  preparedStatements = true,
): Promise<string | undefined> {
  let client: pg.Client | undefined
  try {
    client = new pg.Client({ ...(await wayToDatabase(databaseUrl)), connectionTimeoutMillis: CONNECT_MS })
    client.on('error', () => {})
    await client.connect()
    const pooler = await poolerProblem(databaseUrl, preparedStatements)
    if (pooler) return `${pooler}.`
    const { rows: encodings } = await client.query<{ server_encoding: string }>('show server_encoding')
    const encoding = encodings[0]!.server_encoding
    if (encoding !== 'UTF8')
      return `it keeps texts in ${encoding}, which has not all characters. Make one with: create database … encoding 'UTF8'`
    const table = await client.query<{ there: boolean }>(
      `select to_regclass('migrations') is not null as there`,
    )
    if (!table.rows[0]?.there) return 'its schema is empty. Run: npm run migrate'
    const found = await client.query('select 1 from migrations where name = $1', [REQUIRED_MIGRATION])
    if (!found.rowCount)
      return `its schema is older than this release (${REQUIRED_MIGRATION}). Run: npm run migrate`
    const ids = bots.map(({ token }) => token.split(':')[0])
    const { rows } = await client.query<{ name: string; known: string }>(
      `select given.name, b.name as known from bots b
       join unnest($1::text[], $2::numeric[]) as given (name, id) on given.id = b.telegram_id
       where given.name <> b.name`,
      [bots.map(({ name }) => name), ids],
    )
    const renamed = rows.map(({ name, known }) => `it knows the bot "${name}" as "${known}"`)
    if (renamed.length === 0) return undefined
    return `${renamed.join(', ')}. Keep the earlier name in BOTS (or BOT_NAME): people and payments are kept under it.`
  } catch (error) {
    return connectionProblem(error)
  } finally {
    await client?.end().catch(() => {})
  }
}
