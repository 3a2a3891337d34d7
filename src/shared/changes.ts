import { sql as q } from 'kysely'
import type { PoolClient } from 'pg'
import type { Db, Sql } from './db/db.ts'
import { explain } from './errors.ts'
import type { Log } from './log.ts'

const CHANNEL = 'telekassa_changes'
const AGAIN_MS = 1_000
/** A follower of everybody hears of changes at most four times a second. */
const GATHER_MS = 250

/**
 * Tells open pages that something of this person has changed. The message says no more, so the page asks anew. Call it
 * after the transaction, as a separate statement: commits that notify wait for each other in PostgreSQL.
 */
export async function tellChange(sql: Sql, personId: bigint): Promise<void> {
  // By hand: it calls a function and reads no table.
  await sql.rows(q`select pg_notify(${CHANNEL}, ${String(personId)})`)
}

export interface Changes {
  /** @returns a function that stops following */
  follow(personId: bigint, changed: () => void): () => void
  /**
   * Hears changes of anybody, gathered over a short time, for an admin's page.
   * @returns a function that stops following
   */
  followAll(changed: () => void): () => void
  stop(): void
}

/**
 * One connection of the pool listens for all followers of this process, while there are any. After a lost connection
 * nobody knows what was missed, so every follower hears a change.
 */
export function createChanges({ db, log }: { db: Db; log: Log }): Changes {
  const followers = new Map<string, Set<() => void>>()
  const ofAll = new Set<() => void>()
  let gathering: ReturnType<typeof setTimeout> | undefined
  let listening: PoolClient | undefined
  let opening = false
  let stopped = false
  let wasLost = false

  const tell = (listeners: Iterable<() => void>) => {
    for (const changed of listeners) changed()
    if (ofAll.size === 0) return
    gathering ??= setTimeout(() => {
      gathering = undefined
      for (const changed of ofAll) changed()
    }, GATHER_MS).unref()
  }
  const isIdle = () => followers.size === 0 && ofAll.size === 0

  async function open(): Promise<void> {
    if (opening || listening || stopped || isIdle()) return
    opening = true
    try {
      const client = await db.pool.connect()
      client.on('notification', ({ payload = '' }) => tell(followers.get(payload) ?? []))
      client.once('error', (error) => lost(client, error))
      await client.query(`listen ${CHANNEL}`)
      listening = client
      if (wasLost) tell([...followers.values()].flatMap((one) => [...one]))
      wasLost = false
    } catch (error) {
      log.warn({ reason: explain(error) }, 'changes cannot be followed yet, trying again')
      retry()
    } finally {
      opening = false
    }
    if (stopped || isIdle()) close()
  }

  function lost(client: PoolClient, error: Error): void {
    log.info({ reason: explain(error) }, 'the connection that follows changes is lost')
    client.release(true)
    listening = undefined
    retry()
  }

  function retry(): void {
    wasLost = true
    setTimeout(() => void open(), AGAIN_MS).unref()
  }

  /** The listening connection is closed and not returned to the pool: its next user would receive the notifications. */
  function close(): void {
    listening?.removeAllListeners('error')
    listening?.on('error', () => {})
    listening?.release(true)
    listening = undefined
  }

  return {
    follow(personId, changed) {
      const key = String(personId)
      const mine = followers.get(key) ?? new Set()
      followers.set(key, mine.add(changed))
      void open()
      return () => {
        mine.delete(changed)
        if (mine.size === 0 && followers.get(key) === mine) followers.delete(key)
        if (isIdle()) close()
      }
    },
    followAll(changed) {
      ofAll.add(changed)
      void open()
      return () => {
        ofAll.delete(changed)
        if (isIdle()) close()
      }
    },
    stop() {
      stopped = true
      clearTimeout(gathering)
      followers.clear()
      ofAll.clear()
      close()
    },
  }
}
