import type { Db } from '#shared/db/db.ts'
import type { StoredToken, TokenStore } from './reseller/token-store.ts'
import type { Secrets } from '#shared/secrets.ts'
import { readSecret, writeSecret } from '#shared/vault.ts'

const NAME = 'fragment-token'
/** A constant that no other lock of ours uses. */
const LOGIN_LOCK = 7_351_004_201n
/**
 * The queue of this process's clients for the lock, per pool: only the first of them takes a connection and waits for
 * the lock in the database.
 */
const turns = new WeakMap<Db['pool'], Promise<unknown>>()

/**
 * The token for all workers: encrypted in the database, and an advisory lock, which ends with the process that holds
 * it, so that a worker killed in the middle of a login keeps nobody waiting. The lock is a transaction's that reads and
 * writes nothing else: a session's would stay behind on some connection of a pooler.
 */
export function databaseTokenStore(db: Db, secrets: Secrets): TokenStore {
  async function locked<T>(work: () => Promise<T>): Promise<T> {
    const connection = await db.pool.connect()
    let clean = false
    try {
      // A login may take longer than a transaction may otherwise stay idle (60 s).
      await connection.query('begin; set local idle_in_transaction_session_timeout = 0')
      await connection.query('select pg_advisory_xact_lock($1)', [LOGIN_LOCK])
      try {
        return await work()
      } finally {
        await connection.query('commit')
        clean = true
      }
    } finally {
      // After a failed commit the connection may still hold the lock, so it is closed and not returned to the pool.
      connection.release(!clean)
    }
  }

  return {
    async get() {
      const text = await readSecret(db, secrets, NAME)
      return text === undefined ? undefined : (JSON.parse(text) as StoredToken)
    },
    save: (token) => writeSecret(db, secrets, NAME, JSON.stringify(token)),
    // Otherwise each waiting call would take a connection, and none would be left for the one that logs in.
    withLock(work) {
      const result = (turns.get(db.pool) ?? Promise.resolve()).then(() => locked(work))
      turns.set(
        db.pool,
        result.catch(() => undefined),
      )
      return result
    },
  }
}
