import { sql as q } from 'kysely'
import type { PoolClient } from 'pg'
import type { Db, Sql } from './db/db.ts'
import { explain } from './errors.ts'
import type { Log } from './log.ts'

const CHANNEL = 'telekassa_changes'
const AGAIN_MS = 1_000
/** However much happens, who follows everybody is told four times a second. */
const GATHER_MS = 250

/**
 * Something of this person is different now: pages that are open show it. It says nothing else, so whoever hears it
 * asks anew. In a statement of its own, after the transaction it is about: a commit that notifies waits for every other
 * one that does.
 */
export async function tellChange(sql: Sql, personId: bigint): Promise<void> {
  // By hand: a function, and no table.
  await sql.rows(q`select pg_notify(${CHANNEL}, ${String(personId)})`)
}

export interface Changes {
  /** @returns how to stop following */
  follow(personId: bigint, changed: () => void): () => void
  /** Whatever is different of anybody, gathered: an admin's page shows things of all. @returns how to stop following */
  followAll(changed: () => void): () => void
  stop(): void
}

/**
 * One connection of the pool listens for all who follow in this process, while there are any. When it was lost, whatever
 * was told meanwhile is unknown, so everybody hears a change.
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

  /** A connection that has listened is not given back: whoever took it would be told of changes. */
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
