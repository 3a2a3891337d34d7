import pg from 'pg'
import { wayToDatabase } from './db/address.ts'
import { explain } from './errors.ts'

/** Two failed checks in a row are no accident; one successful check ends the doubt. */
const FAILURES = 2
/** A check without an answer after this time counts as failed. */
const LOOK_MS = 2_000
/** How often a server that is away is checked. */
const AGAIN_MS = 1_000

export interface Servers {
  /**
   * Reports that a call failed or has had no answer for long; then the server is checked. While all goes well nothing
   * is checked.
   */
  doubt(name: string): void
  /** Adds a server that may be doubted. */
  add(name: string, look: () => Promise<unknown>): void
  isDoubted(): boolean
  /** The names of the servers that are away; a server in doubt is checked first. */
  away(): Promise<string[]>
  /** The result of each server's last check by name; 'ok' while nobody doubts it. */
  state(): Record<string, string>
  stop(): void
}

/**
 * The servers that a worker needs for its work. A failed call only raises a doubt, because one call can fail for a hundred
 * reasons; a check decides whether the server is away.
 * @param looks the checks; each resolves when its server answers
 * @param changed called with true when a server goes away and with false when it is back
 */
export function watchServers(
  looks: Readonly<Record<string, () => Promise<unknown>>>,
  changed: (name: string, isAway: boolean, reason: string) => void,
): Servers {
  const all = Object.entries(looks).map(([name, look]) => watch(name, look, changed))
  const timer = setInterval(() => {
    for (const one of all) if (one.isDoubted()) void one.settle()
  }, AGAIN_MS).unref()
  return {
    add: (name, look) => void all.push(watch(name, look, changed)),
    doubt: (name) => all.find((one) => one.name === name)?.doubt(),
    isDoubted: () => all.some((one) => one.isDoubted()),
    async away() {
      await Promise.all(all.map((one) => one.settle()))
      return all.filter((one) => one.isAway()).map(({ name }) => name)
    },
    state: () => Object.fromEntries(all.map((one) => [one.name, one.isAway() ? one.reason() : 'ok'])),
    stop: () => clearInterval(timer),
  }
}

function watch(
  name: string,
  look: () => Promise<unknown>,
  changed: (name: string, isAway: boolean, reason: string) => void,
) {
  let doubted = false
  let reason = ''
  /** Failed checks in a row. */
  let failures = 0
  // The time of day may be set back by an hour, and a server must not count as away for that hour.
  let failedAt = 0
  let looking: Promise<void> | undefined
  const isAway = () => failures >= FAILURES

  async function once(): Promise<void> {
    if (isAway() && performance.now() - failedAt < AGAIN_MS / 2) return
    try {
      await withLimit(look())
      const wasAway = isAway()
      failures = 0
      doubted = false
      if (wasAway) changed(name, false, '')
    } catch (error) {
      reason = explain(error)
      failedAt = performance.now()
      failures += 1
      if (failures === FAILURES) changed(name, true, reason)
    }
  }
  /** Checks until the result is certain. A server that is away stays in doubt, so that it is checked again. */
  async function settle(): Promise<void> {
    const wasAway = isAway()
    for (let time = 0; doubted && time < FAILURES && (time === 0 || !isAway()); time++) {
      await (looking ??= once().finally(() => (looking = undefined)))
      if (wasAway) return
    }
  }
  return {
    name,
    isAway,
    reason: () => reason,
    isDoubted: () => doubted,
    settle,
    doubt() {
      if (doubted) return
      doubted = true
      void settle()
    },
  }
}

async function withLimit(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${LOOK_MS} ms`)), LOOK_MS)
  })
  try {
    await Promise.race([work, limit])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Checks that the database takes writes, on a connection of its own, because those of the pool may hang or all be in
 * use.
 */
export async function lookAtDatabase(databaseUrl: string): Promise<void> {
  const client = new pg.Client({
    ...(await wayToDatabase(databaseUrl)),
    application_name: 'telekassa-look',
    connectionTimeoutMillis: LOOK_MS,
    query_timeout: LOOK_MS,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ readonly: string }>(
      `select current_setting('transaction_read_only') as readonly`,
    )
    if (rows[0]?.readonly === 'on')
      throw new Error('it takes no writes: it is a standby, or was made read-only')
  } finally {
    client.end().catch(() => {})
  }
}

/** Checks that the address answers at all. The request sends no token or secret and asks for nothing. */
export async function lookAtAddress(address: string): Promise<void> {
  const { body } = await fetch(address, { redirect: 'manual', signal: AbortSignal.timeout(LOOK_MS) })
  await body?.cancel()
}
