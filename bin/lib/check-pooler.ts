import pg from 'pg'
import { wayToDatabase } from '#shared/db/address.ts'
import { MOST_PREPARED } from '#shared/db/prepared.ts'
import { ok, warn } from './findings.ts'
import type { Finding } from './findings.ts'

/** A value for the start option of our pools that no other client would give. */
const IDLE_MS = 61_234
/**
 * A pooler with a single connection makes the second client wait for the first one's transaction. The check waits
 * this long.
 */
const PATIENCE_MS = 3_000
const PID = 'select pg_backend_pid() as pid'

const OPTIONS_REFUSED =
  'a pooler before it refuses our start options. In PgBouncer: ignore_startup_parameters = idle_in_transaction_session_timeout'
const NO_NAMED_STATEMENTS = `a pooler in transaction mode before it knows no named statements, and every update would fail. Set PREPARED_STATEMENTS=off, or take PgBouncer 1.21 or newer with max_prepared_statements = ${MOST_PREPARED}`

/**
 * @param named whether the pools will name their statements
 * @returns what about a pooler would stop every role; undefined = nothing, or there is no pooler
 */
export async function poolerProblem(databaseUrl: string, named: boolean): Promise<string | undefined> {
  const look = await lookAtPooler(databaseUrl, named)
  return typeof look === 'string' ? look : undefined
}

/** Tells what else a pooler changes. */
export async function checkPooler(databaseUrl: string): Promise<Finding[]> {
  const look = await lookAtPooler(databaseUrl, false)
  // The check of the database has said this already.
  if (typeof look === 'string') return []
  const { inTransactions, optionKept } = look
  return [
    inTransactions
      ? warn('pooler', 'one in transaction mode: give migrate and backup a DATABASE_URL of PostgreSQL itself')
      : ok('pooler', 'connections are sessions of their own'),
    ...(optionKept
      ? []
      : [
          warn(
            'pooler',
            "it drops our start options: alter role … set idle_in_transaction_session_timeout = '60s', or a process that hangs holds its locks for ever",
          ),
        ]),
  ]
}

/**
 * Tries whether a pooler stands before the database, and what it does. In transaction mode a pooler gives a
 * connection away between two statements: a client meets another server connection when another client is in a
 * transaction on its own. A pooler that is too old does not take the client's named statements along.
 */
async function lookAtPooler(
  databaseUrl: string,
  named: boolean,
): Promise<string | { inTransactions: boolean; optionKept: boolean }> {
  const way = await wayToDatabase(databaseUrl)
  const [one, other] = [0, 1].map(
    () =>
      new pg.Client({
        ...way,
        connectionTimeoutMillis: 5_000,
        query_timeout: PATIENCE_MS,
        idle_in_transaction_session_timeout: IDLE_MS,
      }),
  ) as [pg.Client, pg.Client]
  for (const client of [one, other]) client.on('error', () => {})
  const statement = { text: PID, ...(named && { name: 'telekassa-check' }) }
  const pid = async (client: pg.Client) => (await client.query<{ pid: number }>(statement)).rows[0]!.pid
  try {
    await one.connect()
    await other.connect()
    const kept = await one.query<{ setting: string }>(
      `select setting from pg_settings where name = 'idle_in_transaction_session_timeout'`,
    )
    const optionKept = kept.rows[0]!.setting !== '0'
    const first = await pid(one)
    await pid(other)
    await other.query('begin')
    await pid(other)
    const again = await pid(one).catch((error: Error) => {
      if (/timeout/.test(error.message)) return undefined
      throw error
    })
    return { inTransactions: first !== again, optionKept }
  } catch (error) {
    const { message } = error as Error
    if (/unsupported startup parameter/.test(message)) return OPTIONS_REFUSED
    if (/prepared statement .* (already exists|does not exist)/.test(message)) return NO_NAMED_STATEMENTS
    throw error
  } finally {
    await Promise.allSettled([one.end(), other.end()])
  }
}
