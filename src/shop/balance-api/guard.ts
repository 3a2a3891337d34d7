import type { FastifyRequest } from 'fastify'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { findKey } from './keys.ts'
import type { Db } from '#shared/db/db.ts'
import { createLimit } from '#shared/limits.ts'
import type { QueueBackend } from '#shared/queue/backend.ts'
import { keep } from './kept.ts'
import { Problem } from './problem.ts'
import type { ApiRoute } from './route.ts'

/** A key that is valid now, with the state of its bot. */
export type Key = NonNullable<Awaited<ReturnType<typeof findKey>>>

/** A revoked key, or a key of a paused bot, works for at most this long at a gateway that has seen it. */
const FRESH_MS = 1_000
const CACHE_SIZE = 10_000
const WINDOW_SECONDS = 60
/**
 * The points that each key may spend in a window, whatever its limit: a key of n requests a minute pays 1/n of the
 * points for a request.
 */
const WINDOW_POINTS = 1_000_000
/** A gateway takes the points of a key in hundredths of its limit, so that most requests need no question to Redis. */
const PARTS = 100
const PURSE_MS = 10_000
/** The form of a key that createKey makes. Any other key is refused without a question to the database. */
const BEARER = /^Bearer (tk_[\w-]{43})$/i
const HEADER_LENGTH = 'Bearer '.length + 46
/**
 * How many unknown keys one address may try in a minute, at each gateway. A key that was valid lately counts as
 * known.
 */
const GUESSES = 100
const GOOD_FOR_MS = 3_600_000

/**
 * Finds out who calls, whether they may, and whether they call too often. Most answers need neither PostgreSQL nor
 * Redis and come without waiting.
 * @throws Problem 401, 403, 429
 */
export function createGuard(db: Db, backend: QueueBackend) {
  const limit = createLimit(backend, { name: 'api-key', points: WINDOW_POINTS, seconds: WINDOW_SECONDS })
  const purses = new Map<string, { left: number; until: number }>()
  const fillings = new Map<string, Promise<void>>()
  const guesses = new RateLimiterMemory({ points: GUESSES, duration: 60 })
  const good = new Map<string, number>()
  const looking = new Map<string, Promise<Key | undefined>>()
  const keyOf = keep(FRESH_MS, async (header) => {
    const key = await findKey(db, BEARER.exec(header)![1]!)
    if (!key) good.delete(header)
    else {
      if (good.size >= CACHE_SIZE) good.clear()
      good.set(header, performance.now() + GOOD_FOR_MS)
    }
    return key
  })

  /**
   * An unknown key counts as a guess before it is looked up, so that many at once are not all let through. A valid
   * key gets its guess back.
   */
  async function look(header: string, address: string): Promise<Key | undefined> {
    await guesses.consume(address).catch((refused: unknown) => {
      if (!(refused instanceof RateLimiterRes)) throw refused
      throw new Problem(429, 'rate-limit', 'Too many unknown keys from this address', {
        'retry-after': String(Math.max(1, Math.ceil(refused.msBeforeNext / 1000))),
      })
    })
    const key = await keyOf(header)
    if (key) await guesses.reward(address)
    return key
  }

  /** Calls that come together with one new key are one guess. */
  function lookOnce(header: string, address: string): Promise<Key | undefined> {
    const running = looking.get(header) ?? look(header, address).finally(() => looking.delete(header))
    looking.set(header, running)
    return running
  }

  function payFromPurse({ id }: Key): boolean {
    const purse = purses.get(id)
    if (!purse || purse.left === 0 || performance.now() >= purse.until) return false
    purse.left--
    return true
  }

  async function pay(key: Key): Promise<Key> {
    while (!payFromPurse(key)) {
      // Requests that find the purse empty at the same time wait for one filling.
      const filling = fillings.get(key.id) ?? fill(key).finally(() => fillings.delete(key.id))
      fillings.set(key.id, filling)
      await filling
    }
    return key
  }

  async function fill({ id, perMinute }: Key): Promise<void> {
    const requests = Math.max(1, Math.floor(perMinute / PARTS))
    // The points are rounded down. If a third of a million points were rounded up, three requests would need more
    // than the million, and the third one would be refused.
    const waitMs = await limit.take(id, Math.floor((WINDOW_POINTS * requests) / perMinute))
    if (waitMs > 0) {
      throw new Problem(429, 'rate-limit', `This key may send ${perMinute} requests a minute`, {
        'retry-after': String(Math.ceil(waitMs / 1000)),
      })
    }
    if (purses.size >= CACHE_SIZE) purses.clear()
    // The requests that one window allowed are not carried far into the next window.
    purses.set(id, { left: requests, until: performance.now() + PURSE_MS })
  }

  function allowed(key: Key | undefined, route: ApiRoute): Key | Promise<Key> {
    if (!key) {
      throw new Problem(401, 'key-invalid', 'Send Authorization: Bearer <key>', {
        'www-authenticate': 'Bearer',
      })
    }
    if (!key.scopes.includes(route.scope)) {
      throw new Problem(403, 'scope-missing', `The key has no scope ${route.scope}`)
    }
    if (key.botState === 'paused' || key.botState === 'removed')
      throw new Problem(403, 'bot-paused', 'The bot of this key is paused')
    return payFromPurse(key) ? key : pay(key)
  }

  return (request: FastifyRequest, route: ApiRoute): Key | Promise<Key> => {
    const header = request.headers.authorization ?? ''
    if (header.length !== HEADER_LENGTH || !BEARER.test(header)) return allowed(undefined, route)
    const isKnown = (good.get(header) ?? 0) > performance.now()
    const key = isKnown ? keyOf(header) : lookOnce(header, request.socket.remoteAddress ?? '')
    return key instanceof Promise ? key.then((found) => allowed(found, route)) : allowed(key, route)
  }
}
