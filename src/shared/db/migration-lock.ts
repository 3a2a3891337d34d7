import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { wayToDatabase } from './address.ts'

/** Any constant will do, as long as every release uses the same one. */
const MIGRATION_LOCK = 7_351_002_714n

/**
 * A migration that waits for a table makes everybody else who needs the table wait behind it. So it gives up after
 * this time and is run again.
 */
export const LOCK_TIMEOUT_MS = 5_000

const ASK_AGAIN_MS = 500
const SAY_AGAIN_MS = 30_000

const NOT_DIRECT =
  'a pooler before PostgreSQL does not hand on lock_timeout, without which a migration could hold up the whole shop. Give migrate a DATABASE_URL of PostgreSQL itself.'

/**
 * Lets one migration run at a time; others wait. The lock belongs to a transaction, so no pooler can keep it after its
 * holder is gone. It is asked for again and again instead of waited for: a waiting statement has a snapshot, and an
 * index that is built concurrently waits for all older snapshots.
 * @param say is told whom or what the migration waits for
 */
export async function withMigrationLock<T>(
  databaseUrl: string,
  say: (line: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    ...(await wayToDatabase(databaseUrl)),
    application_name: 'telekassa-migrate',
    lock_timeout: LOCK_TIMEOUT_MS,
  })
  client.on('error', () => {})
  try {
    await client.connect().catch((error: Error) => {
      throw /unsupported startup parameter/.test(error.message) ? new Error(NOT_DIRECT) : error
    })
    const { rows } = await client.query<{ lock_timeout: string }>('show lock_timeout')
    if (rows[0]!.lock_timeout === '0') throw new Error(NOT_DIRECT)
    for (let saidAt = -Infinity; !(await tryLock(client)); await sleep(ASK_AGAIN_MS)) {
      if (performance.now() - saidAt < SAY_AGAIN_MS) continue
      saidAt = performance.now()
      say(await holder(client))
    }
    const result = await work()
    await client.query('commit')
    return result
  } finally {
    await client.end()
  }
}

async function tryLock(client: pg.Client): Promise<boolean> {
  await client.query('begin; set local idle_in_transaction_session_timeout = 0')
  // Without parameters: with parameters pg leaves a portal open, and an index that is built concurrently would wait for
  // the portal's snapshot.
  const { rows } = await client.query<{ mine: boolean }>(
    `select pg_try_advisory_xact_lock(${MIGRATION_LOCK}) as mine`,
  )
  if (!rows[0]!.mine) await client.query('rollback')
  return rows[0]!.mine
}

async function holder(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ pid: number; name: string; at: string }>(
    `select a.pid, a.application_name as name, to_char(a.state_change at time zone 'UTC', 'HH24:MI:SS') as at
     from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'advisory' and l.granted and l.objsubid = 1
       and (l.classid::bigint << 32) + l.objid::bigint = $1::bigint
       and l.database = (select oid from pg_database where datname = current_database())`,
    [MIGRATION_LOCK],
  )
  const [one] = rows
  const who = one
    ? `PostgreSQL's process ${one.pid} (${one.name || 'unnamed'}) has its lock since ${one.at} UTC`
    : 'it is just ending'
  return `waiting for another migration: ${who}.${one ? ` If none runs, a pooler keeps that connection: select pg_terminate_backend(${one.pid})` : ''}`
}
