import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel'
import pg from 'pg'
import { wayToDatabase } from './db/address.ts'
import { explain } from './errors.ts'

/** Two looks in a row that fail are no chance; a look that works ends it. */
const FAILURES = 2
/** A look is given up after this long. */
const LOOK_MS = 2_000
/** While a server is away it is looked at this often. */
const AGAIN_MS = 1_000

export interface Servers {
  /** A call failed, or has had no answer for long: the server is looked at. Nothing is looked at while all goes well. */
  doubt(name: string): void
  isDoubted(): boolean
  /** The names of those that are away; who is in doubt is looked at first. */
  away(): Promise<string[]>
  /** Each by its name: what its last look said, 'ok' while nobody doubts it. */
  state(): Record<string, string>
  stop(): void
}

/**
 * The servers that a worker cannot do its work without, a breaker for each. Calls only raise doubts; whether a server is
 * away a look decides, because one call may fail for a hundred reasons.
 * @param looks resolve when the server answers
 * @param changed told when a server goes away (true) and when it is back
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
  const policy = circuitBreaker(handleAll, {
    halfOpenAfter: AGAIN_MS / 2,
    breaker: new ConsecutiveBreaker(FAILURES),
  })
  let doubted = false
  let reason = ''
  let looking: Promise<void> | undefined
  const isAway = () => policy.state !== CircuitState.Closed
  let told = false
  // A look that fails while the server is away opens the breaker once more.
  policy.onBreak(() => {
    if (!told) changed(name, true, reason)
    told = true
  })
  policy.onReset(() => {
    told = false
    changed(name, false, '')
  })

  async function once(): Promise<void> {
    try {
      await policy.execute(async () => {
        try {
          await withLimit(look())
        } catch (error) {
          reason = explain(error)
          throw error
        }
      })
      doubted = false
    } catch {
      // The breaker has counted it, or says itself that it is too soon to look again.
    }
  }
  /** Looks until it is known. A server that is away stays in doubt, so that it is looked at again. */
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

/** A database that takes writes: on a connection of its own, because those of the pool may hang or be used up. */
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

/** Any answer will do: no token, no secret is sent, and what is asked for is nothing. */
export async function lookAtAddress(address: string): Promise<void> {
  const { body } = await fetch(address, { redirect: 'manual', signal: AbortSignal.timeout(LOOK_MS) })
  await body?.cancel()
}
