#!/usr/bin/env bash
# rate-limiter-flexible 11.4.0 on Redis, in memory and on PostgreSQL.
# A good guess: `duration` is a number of seconds, and half a second is one: 0.5 means the same on every store, or is refused.
# What happens: in memory and on PostgreSQL the window is half a second. On Redis fractions are cut off, so 0.5 is 0, and 0
#   means that points never come back: after the first two nobody passes again, in any process, and the refusal gives
#   -1 ms as the time to wait. What passes tests in memory stands still with Redis.
# Seen, two points, a third try at once and a fourth 700 ms later: refused and taken; on Redis refused for good, no expiry.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install rate-limiter-flexible@11.4.0 ioredis@6.0.0 pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_redis
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import pg from 'pg'
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRedis } from 'rate-limiter-flexible'

const redis = new Redis(process.env.REDIS_SOCKET)
const pool = new pg.Pool()
const options = { points: 2, duration: 0.5 }
const limiters = {
  memory: new RateLimiterMemory(options),
  postgres: await new Promise((resolve, reject) => {
    const made = new RateLimiterPostgres({ ...options, storeClient: pool, tableName: 'limits' }, (error) =>
      error ? reject(error) : resolve(made))
  }),
  redis: new RateLimiterRedis({ ...options, storeClient: redis, keyPrefix: 'limit' }),
}
const seen = {}
for (const [store, limiter] of Object.entries(limiters)) {
  const refused = ({ msBeforeNext }) => (msBeforeNext > 0 ? 'wait' : `wait ${msBeforeNext} ms`)
  const take = () => limiter.consume('key').then(() => 'taken', refused)
  const tries = [await take(), await take(), await take()]
  await sleep(700)
  seen[store] = [...tries, await take()].join(', ')
}
seen.expiry = await redis.ttl('limit:key')
console.log(seen)
assert.deepEqual(seen, {
  memory: 'taken, taken, wait, taken',
  postgres: 'taken, taken, wait, taken',
  redis: 'taken, taken, wait -1 ms, wait -1 ms',
  expiry: -1,
})
redis.disconnect()
await pool.end()
JS
