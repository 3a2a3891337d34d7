import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { explain } from '../errors.ts'
import { readReplicaAddress, wayTo } from './address.ts'
import { databaseCode, databaseIsDown } from './errors.ts'

/** A server that follows the primary, which reads are taken to. */
export interface ReplicaOptions {
  url: string
  /** What it shows may be older than the primary by so much. */
  maxAgeMs: number
  /** Told when reads leave it, with the reason, and when they are back. */
  changed?: (away: string | undefined) => void
  patience?: typeof PATIENCE
}

export interface ReplicaState {
  serves: boolean
  /** Why not. */
  away: string | undefined
  /** The most by which what it shows is older than the primary; 0 = it has everything. */
  ageSeconds: number
}

const STEP_MS = 15
/** One that is away or too old is looked at again this often, and one that lags is not waited for again so soon. */
const AGAIN_MS = 1_000
/**
 * A read waits `catchUpMs` for a replica to show what the primary had when it came; a look that takes `lookMs` says that the
 * server is away.
 */
const PATIENCE = { catchUpMs: 250, lookMs: 2_000 }
/** So many places of the primary are kept within the age that is allowed. */
const PLACES = 20

const PRIMARYS_PLACE = `
  select pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::int8 as place,
    (select system_identifier::text from pg_control_system()) as cluster`
const REPLICAS_PLACE = `
  select pg_is_in_recovery() as follows, pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::int8 as place,
    (select system_identifier::text from pg_control_system()) as cluster`

/**
 * Decides for each read whether the replica is young enough. It compares places in the log and no clocks: what the replica
 * has replayed is as old as the last look at the primary that found no more than that. So a shop in which nothing happens
 * has no old replica, and an admin sees what he has just done wherever it has arrived.
 */
export function openReplica(
  { url, maxAgeMs, changed, patience = PATIENCE }: ReplicaOptions,
  options: pg.PoolConfig,
  primary: pg.Pool,
) {
  const address = readReplicaAddress(url)
  const pool = new pg.Pool({ ...options, ...wayTo(address), connectionTimeoutMillis: patience.lookMs })
  // One that breaks fails the read that is on it, or the next one.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  const age = watchAge(pool, primary, maxAgeMs, patience)
  let away: string | undefined
  let looking: Promise<void> | undefined
  let lookedAt = -Infinity
  let host = 0

  function turn(reason: string | undefined): void {
    const told = away
    away = reason
    if ((told === undefined) !== (reason === undefined)) changed?.(reason)
  }
  async function look(): Promise<void> {
    try {
      turn(await age.problem())
    } catch (error) {
      leave(error)
    }
    lookedAt = performance.now()
  }
  function leave(error: unknown): void {
    Object.assign(pool.options, wayTo(address, ++host))
    turn(`it cannot be read: ${explain(error)}`)
    lookedAt = performance.now()
  }

  return {
    pool,
    /** @returns whether this read may be taken to it. While it is away nobody waits to see whether it is back. */
    async serves(): Promise<boolean> {
      if (away === undefined) await look()
      else if (performance.now() - lookedAt > AGAIN_MS)
        looking ??= look().finally(() => (looking = undefined))
      return away === undefined
    },
    /** @returns whether the primary can answer what failed here: the replica went away, dropped the read, or lacks a table yet */
    failed(error: unknown): boolean {
      const code = databaseCode(error)
      // Whoever writes on this way has to learn it in a test, and not by a slower shop.
      if (code === '25006') return false
      if (databaseIsDown(error)) leave(error)
      return databaseIsDown(error) || /^(40001|40P01|42P01|42703|42883)$/.test(code ?? '')
    },
    async state(): Promise<ReplicaState> {
      await look()
      return { serves: away === undefined, away, ageSeconds: Math.max(0, age.ms()) / 1_000 }
    },
    close: () => pool.end(),
  }
}

/** How old what a replica shows can be, by the places in the log that the primary had at moments of our own clock. */
function watchAge(
  replica: pg.Pool,
  primary: pg.Pool,
  maxAgeMs: number,
  { catchUpMs, lookMs }: typeof PATIENCE,
) {
  /** Where the primary was at a moment, and the replica is not yet. */
  let ahead: { at: number; place: bigint }[] = []
  /** The replica has all that the primary had at this moment. */
  let proven = -Infinity
  let cluster: string | undefined
  let waitAgainAt = -Infinity

  async function ask(pool: pg.Pool, text: string) {
    const asked = { text, types: pg.types, query_timeout: lookMs }
    const { rows } = await pool.query<{ follows?: boolean; place: string | null; cluster: string }>(asked)
    return { ...rows[0]!, place: BigInt(rows[0]!.place ?? 0) }
  }
  /** A primary that is away has no news either: what is known of it grows old. */
  async function markPrimary(): Promise<{ at: number; place: bigint } | undefined> {
    const at = performance.now()
    try {
      const found = await ask(primary, PRIMARYS_PLACE)
      cluster = found.cluster
      const mark = { at, place: found.place }
      ahead = ahead.filter((one) => one.at > at - maxAgeMs)
      const last = ahead.at(-1)
      if (!last || last.at < at - maxAgeMs / PLACES) ahead.push(mark)
      return mark
    } catch (error) {
      if (databaseIsDown(error)) return undefined
      throw error
    }
  }

  return {
    ms: () => (Number.isFinite(proven) ? performance.now() - proven : 0),
    /** @returns why it must not be read now */
    async problem(): Promise<string | undefined> {
      const mark = await markPrimary()
      const until = performance.now() + (performance.now() < waitAgainAt ? 0 : catchUpMs)
      for (;;) {
        const found = await ask(replica, REPLICAS_PLACE)
        if (!found.follows) return 'it follows no primary'
        if (cluster !== undefined && found.cluster !== cluster) return 'it follows another primary'
        for (const one of [...ahead, ...(mark ? [mark] : [])])
          if (one.place <= found.place) proven = Math.max(proven, one.at)
        ahead = ahead.filter((one) => one.place > found.place)
        if (mark && mark.place <= found.place) return undefined
        if (!mark || performance.now() >= until) break
        await sleep(STEP_MS)
      }
      if (mark) waitAgainAt = performance.now() + AGAIN_MS
      const age = performance.now() - proven
      if (age <= maxAgeMs) return undefined
      return Number.isFinite(age)
        ? `what it shows is ${Math.round(age / 1_000)} s old`
        : 'it has not caught up since this process looks at it'
    },
  }
}
