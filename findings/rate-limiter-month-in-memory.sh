#!/usr/bin/env bash
# rate-limiter-flexible 11.4.0 in memory and on Redis by ioredis 6.0.0, Node 24.21.0.
# A good guess: two free pictures in thirty days (`points: 2, duration: 30 * 86400`) are two, on every store; a duration
#   that a store cannot hold is refused when the limiter is made.
# What happens: in memory a timer forgets the key, and a timer of Node holds 2 ** 31 - 1 ms. A longer one fires after a
#   millisecond. So from 25 days on every point is the first one: nobody is ever refused, and each answer says that the
#   window ends in 30 days. It also is what an `insuranceLimiter` in memory does while Redis is away. The only sign is
#   Node's warning about a timer on standard error. 24 days work, and so does Redis.
# Seen of 10 tries: 2 taken of 24 days, 10 of 25, 30 and 365 days; on Redis 2 of each; without Redis, by insurance, 10.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install rate-limiter-flexible@11.4.0 ioredis@6.0.0
start_redis
script <<'JS'
import assert from 'node:assert/strict'
import { Redis } from 'ioredis'
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible'

process.removeAllListeners('warning')
const storeClient = new Redis({ path: process.env.REDIS_SOCKET })
const away = new Redis({ path: '/nowhere', lazyConnect: true, enableOfflineQueue: false }).on('error', () => {})
/** How many of ten tries are taken, one after the other. */
async function taken(limiter) {
  let count = 0
  for (let time = 0; time < 10; time++) {
    await limiter.consume('somebody').then(() => count++, () => {})
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return count
}
const seen = {}
for (const days of [24, 25, 30, 365]) {
  const settings = { keyPrefix: `days-${days}`, points: 2, duration: days * 86_400 }
  const memory = () => new RateLimiterMemory(settings)
  seen[days] = [
    await taken(memory()),
    await taken(new RateLimiterRedis({ ...settings, storeClient })),
    await taken(new RateLimiterRedis({ ...settings, storeClient: away, insuranceLimiter: memory() })),
  ]
}
storeClient.disconnect()
away.disconnect()
console.log(seen)
assert.deepEqual(seen, { 24: [2, 2, 2], 25: [10, 2, 10], 30: [10, 2, 10], 365: [10, 2, 10] })
process.exit()
JS
