import type { Db } from '#shared/db/db.ts'
import type { StoredToken, TokenStore } from './reseller/token-store.ts'
import type { Secrets } from '#shared/secrets.ts'
import { readSecret, writeSecret } from '#shared/vault.ts'

const NAME = 'fragment-token'
/** Any constant that no other lock of ours has. */
const LOGIN_LOCK = 7_351_004_201n
/** Whose turn it is within this process, by pool: however many clients there are, one of them waits for the lock. */
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
      // A login may take longer than a transaction may otherwise be idle (60 s).
      await connection.query('begin; set local idle_in_transaction_session_timeout = 0')
      await connection.query('select pg_advisory_xact_lock($1)', [LOGIN_LOCK])
      try {
        return await work()
      } finally {
        await connection.query('commit')
        clean = true
      }
    } finally {
      // A connection whose commit failed must not go back to the pool with the lock on it.
      connection.release(!clean)
    }
  }

  return {
    async get() {
      const text = await readSecret(db, secrets, NAME)
      return text === undefined ? undefined : (JSON.parse(text) as StoredToken)
    },
    save: (token) => writeSecret(db, secrets, NAME, JSON.stringify(token)),
    // Waiting calls would otherwise take a connection each, and leave none to the one that logs in.
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
