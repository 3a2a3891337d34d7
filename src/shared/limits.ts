import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import type { RateLimiterAbstract } from 'rate-limiter-flexible'
import type { QueueBackend } from './queue/backend.ts'

/** Points that a key may spend in a time window, counted over all processes that share the queue. */
export interface Limit {
  /** @returns 0 when the point was taken, else the milliseconds until the window ends */
  take(key: string, points?: number): Promise<number>
  /** Returns a point that was taken for something that turned out to be allowed. */
  giveBack(key: string): Promise<void>
  /** Lets nothing through for this long. */
  block(key: string, ms: number): Promise<void>
}

/** Counts with one command less than the library's own script, which first creates the key. */
const COUNT = `
local used = redis.call('INCRBY', KEYS[1], ARGV[1])
if used ~= tonumber(ARGV[1]) then return { used, redis.call('PTTL', KEYS[1]) } end
redis.call('EXPIRE', KEYS[1], ARGV[2])
return { used, ARGV[2] * 1000 }`

/** How many keys a process remembers; above it, keys whose window is over are forgotten. */
const MANY_KEYS = 10_000

/**
 * Counts in Redis, or in memory where there is no Redis and so only one process.
 * @param options.untold the process counts so many points of a key by itself, without a command; at the next point it
 * reports all of them. Each further process may therefore let through that many more.
 */
export function createLimit(
  backend: Pick<QueueBackend, 'redis' | 'key'>,
  options: { name: string; points: number; seconds: number; untold?: number },
): Limit {
  const keyPrefix = backend.key(`limit-${options.name}`)
  const settings = { keyPrefix, points: options.points, duration: options.seconds }
  const limiter: RateLimiterAbstract = backend.redis
    ? new RateLimiterRedis({
        ...settings,
        storeClient: backend.redis,
        customIncrTtlLuaScript: COUNT,
        // While Redis is away each process counts by itself, so that nobody is locked out.
        insuranceLimiter: new RateLimiterMemory(settings),
      })
    : new RateLimiterMemory(settings)
  const limit: Limit = {
    async take(key, points = 1) {
      try {
        await limiter.consume(key, points)
        return 0
      } catch (refused) {
        if (refused instanceof RateLimiterRes) return Math.max(1, refused.msBeforeNext)
        throw refused
      }
    },
    async giveBack(key) {
      await limiter.reward(key)
    },
    async block(key, ms) {
      await limiter.block(key, Math.max(1, Math.ceil(ms / 1000)))
    },
  }
  const { untold = 0 } = options
  return backend.redis && untold > 0 ? tellingLate(limit, untold, options.seconds * 1_000) : limit
}

function tellingLate(limit: Limit, untold: number, windowMs: number): Limit {
  const own = new Map<string, { points: number; until: number }>()
  return {
    ...limit,
    async take(key, points = 1) {
      const now = performance.now()
      if (own.size > MANY_KEYS) for (const [old, { until }] of own) if (until <= now) own.delete(old)
      const known = own.get(key)
      const before = known && known.until > now ? known.points : 0
      const all = before + points
      // Once a key was reported to Redis, all its points are reported until the key was quiet for a whole window.
      const until = all > untold || before === 0 ? now + windowMs : known!.until
      own.set(key, { points: all, until })
      if (all <= untold) return 0
      return await limit.take(key, before > untold ? points : all)
    },
  }
}
