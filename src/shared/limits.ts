import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import type { RateLimiterAbstract } from 'rate-limiter-flexible'
import type { QueueBackend } from './queue/backend.ts'

/** Points that a key may spend in a window, counted over all processes that share the queue. */
export interface Limit {
  /** @returns 0 when the point was taken, else the milliseconds until the window ends */
  take(key: string, points?: number): Promise<number>
  /** Takes a point back that was spent on something allowed. */
  giveBack(key: string): Promise<void>
  /** Lets nothing through for this long. */
  block(key: string, ms: number): Promise<void>
}

/** Counts in one command less than the library's own script, which makes the key first. */
const COUNT = `
local used = redis.call('INCRBY', KEYS[1], ARGV[1])
if used ~= tonumber(ARGV[1]) then return { used, redis.call('PTTL', KEYS[1]) } end
redis.call('EXPIRE', KEYS[1], ARGV[2])
return { used, ARGV[2] * 1000 }`

/** In Redis where there is one; in memory otherwise, which is exact, because then there is one process only. */
export function createLimit(
  backend: Pick<QueueBackend, 'redis' | 'key'>,
  options: { name: string; points: number; seconds: number },
): Limit {
  const keyPrefix = backend.key(`limit-${options.name}`)
  const settings = { keyPrefix, points: options.points, duration: options.seconds }
  const limiter: RateLimiterAbstract = backend.redis
    ? new RateLimiterRedis({
        ...settings,
        storeClient: backend.redis,
        customIncrTtlLuaScript: COUNT,
        // Redis away: each process counts for itself, and nobody is locked out.
        insuranceLimiter: new RateLimiterMemory(settings),
      })
    : new RateLimiterMemory(settings)
  return {
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
}
