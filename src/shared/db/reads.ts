import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { explain } from '../errors.ts'
import { readReplicaAddress, wayTo } from './address.ts'
import { databaseCode, databaseIsDown } from './errors.ts'

/** A server that follows the primary and serves reads. */
export interface ReplicaOptions {
  url: string
  /** How much older than the primary its data may be, ms. */
  maxAgeMs: number
  /** Called with the reason when reads leave the replica, and with undefined when they are back. */
  changed?: (away: string | undefined) => void
  patience?: typeof PATIENCE
}

export interface ReplicaState {
  serves: boolean
  /** Why the replica is not read; undefined = it is read. */
  away: string | undefined
  /** By how many seconds its data is older than the primary's at most; 0 = it has everything. */
  ageSeconds: number
}

const STEP_MS = 15
/** A replica that is away or too old is checked again this often; one that lags is not waited for sooner than that. */
const AGAIN_MS = 1_000
/**
 * A read waits `catchUpMs` until the replica has what the primary had when the read came; a check that takes `lookMs`
 * means that the server is away.
 */
const PATIENCE = { catchUpMs: 250, lookMs: 2_000 }
/** How many positions of the primary's log are remembered within the allowed age. */
const PLACES = 20

const PRIMARYS_PLACE = `
  select pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::int8 as place,
    (select system_identifier::text from pg_control_system()) as cluster`
const REPLICAS_PLACE = `
  select pg_is_in_recovery() as follows, pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::int8 as place,
    (select system_identifier::text from pg_control_system()) as cluster`

/**
 * Decides for each read whether the replica is young enough. It compares positions in the log (WAL), not clocks: the
 * replica's data is as old as our last look at the primary that found no later position than the replica has replayed.
 * So in a shop where nothing happens the replica is never too old, and an admin sees his own change as soon as the
 * replica has it.
 */
export function openReplica(
  { url, maxAgeMs, changed, patience = PATIENCE }: ReplicaOptions,
  options: pg.PoolConfig,
  primary: pg.Pool,
) {
  const address = readReplicaAddress(url)
  const pool = new pg.Pool({ ...options, ...wayTo(address), connectionTimeoutMillis: patience.lookMs })
  // A broken idle connection needs no handling: the read on it, or the next one, fails and is handled.
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
    /**
     * @returns whether this read may go to the replica. While the replica is away, a read does not wait to see whether
     * it is back.
     */
    async serves(): Promise<boolean> {
      if (away === undefined) await look()
      else if (performance.now() - lookedAt > AGAIN_MS)
        looking ??= look().finally(() => (looking = undefined))
      return away === undefined
    },
    /**
     * @returns whether the primary can answer the failed read: the replica went away, cancelled the read, or lacks a
     * new table
     */
    failed(error: unknown): boolean {
      const code = databaseCode(error)
      // A write on the read connection is a bug: it must fail in a test and not be hidden by running on the primary.
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

/** Knows how old the replica's data can be, from positions of the primary's log at moments of our own clock. */
function watchAge(
  replica: pg.Pool,
  primary: pg.Pool,
  maxAgeMs: number,
  { catchUpMs, lookMs }: typeof PATIENCE,
) {
  /** Positions that the primary had and the replica has not reached yet. */
  let ahead: { at: number; place: bigint }[] = []
  /** The latest moment of which the replica is known to have everything. */
  let proven = -Infinity
  let cluster: string | undefined
  let waitAgainAt = -Infinity

  async function ask(pool: pg.Pool, text: string) {
    const asked = { text, types: pg.types, query_timeout: lookMs }
    const { rows } = await pool.query<{ follows?: boolean; place: string | null; cluster: string }>(asked)
    return { ...rows[0]!, place: BigInt(rows[0]!.place ?? 0) }
  }
  /** If the primary is away, nothing new is learned, and the known data grows old. */
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
    /** @returns why the replica must not be read now */
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
