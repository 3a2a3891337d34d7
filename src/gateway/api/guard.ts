import type { FastifyRequest } from 'fastify'
import { findKey } from '../../shared/api/keys.ts'
import type { Db } from '../../shared/db/db.ts'
import { createLimit } from '../../shared/limits.ts'
import type { QueueBackend } from '../../shared/queue/backend.ts'
import { Problem } from './problem.ts'
import type { ApiRoute } from './route.ts'

type Found = NonNullable<Awaited<ReturnType<typeof findKey>>>

/** A revoked key, or a paused bot, is refused everywhere after this long at most. */
const FRESH_MS = 1_000
const CACHE_SIZE = 10_000
const WINDOW_SECONDS = 60
/** The common account of a window: a key of n requests a minute pays 1/n of it for each. */
const WINDOW_POINTS = 1_000_000
/** A gateway takes its allowance in parts of a hundredth, so that most requests need no question to Redis. */
const PARTS = 100
const PURSE_MS = 10_000

/** Who calls, may they, and not too often. @throws Problem 401, 403, 429 */
export function createGuard(db: Db, backend: QueueBackend) {
  const known = new Map<string, { at: number; found: Promise<Found | undefined> }>()
  const limit = createLimit(backend, { name: 'api-key', points: WINDOW_POINTS, seconds: WINDOW_SECONDS })
  const purses = new Map<string, { left: number; until: number }>()
  const fillings = new Map<string, Promise<void>>()

  function keyOf(text: string): Promise<Found | undefined> {
    const now = performance.now()
    const cached = known.get(text)
    if (cached && now - cached.at < FRESH_MS) return cached.found
    if (known.size >= CACHE_SIZE) known.clear()
    const found = findKey(db, text)
    known.set(text, { at: now, found })
    found.catch(() => known.delete(text))
    return found
  }

  async function pay(key: Found): Promise<void> {
    for (;;) {
      const purse = purses.get(key.id)
      if (purse && purse.left > 0 && performance.now() < purse.until) {
        purse.left--
        return
      }
      // Requests that find the purse empty together wait for one filling.
      const filling = fillings.get(key.id) ?? fill(key).finally(() => fillings.delete(key.id))
      fillings.set(key.id, filling)
      await filling
    }
  }

  async function fill({ id, perMinute }: Found): Promise<void> {
    const requests = Math.max(1, Math.floor(perMinute / PARTS))
    const waitMs = await limit.take(id, Math.ceil((WINDOW_POINTS * requests) / perMinute))
    if (waitMs > 0) {
      throw new Problem(429, 'rate-limit', `This key may send ${perMinute} requests a minute`, {
        'retry-after': String(Math.ceil(waitMs / 1000)),
      })
    }
    if (purses.size >= CACHE_SIZE) purses.clear()
    // What one window allowed is not carried far into the next one.
    purses.set(id, { left: requests, until: performance.now() + PURSE_MS })
  }

  return async (request: FastifyRequest, route: ApiRoute): Promise<Found> => {
    const text = /^Bearer ([\w.~+/=-]{1,200})$/i.exec(request.headers.authorization ?? '')?.[1]
    const key = text === undefined ? undefined : await keyOf(text)
    if (!key) {
      throw new Problem(401, 'key-invalid', 'Send Authorization: Bearer <key>', {
        'www-authenticate': 'Bearer',
      })
    }
    if (!key.scopes.includes(route.scope)) {
      throw new Problem(403, 'scope-missing', `The key has no scope ${route.scope}`)
    }
    if (key.botState === 'paused') throw new Problem(403, 'bot-paused', 'The bot of this key is paused')
    await pay(key)
    return key
  }
}
