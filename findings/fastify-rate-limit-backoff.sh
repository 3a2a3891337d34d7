#!/usr/bin/env bash
# fastify 5.12.8, @fastify/rate-limit 11.2.0, in memory and on Redis by ioredis 6.0.0.
# A good guess: `exponentialBackoff: true` lets who goes on asking wait longer each time, up to some sensible time, and does so
#   alike in memory and on Redis.
# What happens: each request beyond the limit doubles the window without an upper bound, however fast they come. With 60 a
#   minute, a page that polls or a client that repeats at once is told "364 days" at its eightieth request, and two dozen
#   further ones end at 285,421 years. On Redis it is held to that; in memory the same is said, and the next window serves
#   as ever. So tests and a shop of one process never see it, and the first person notices when Redis is added.
# Seen: 429 with 31457280 s and then 9007199254741 s on both; after the window 200 in memory, 429 on Redis.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install fastify@5.12.8 @fastify/rate-limit@11.2.0 ioredis@6.0.0
start_redis
script <<'JS'
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import rateLimit from '@fastify/rate-limit'
import Fastify from 'fastify'
import { Redis } from 'ioredis'

const redis = new Redis(process.env.REDIS_SOCKET)
/** An app that serves as many requests in a window, asked by one client. */
async function open(max, timeWindow, store) {
  const app = Fastify()
  await app.register(rateLimit, { max, timeWindow, exponentialBackoff: true, ...store })
  app.get('/', () => 'ok')
  return async (times) => {
    let last
    for (let time = 0; time < times; time++) last = await app.inject('/')
    return [last.statusCode, last.headers['retry-after'] ?? '']
  }
}
const seen = {}
for (const [kind, store] of [['memory', {}], ['redis', { redis }]]) {
  const minute = await open(60, 60_000, { ...store, nameSpace: 'minute' })
  const short = await open(1, 500, { ...store, nameSpace: 'short' })
  const told = { served: await minute(60), eightieth: await minute(20), later: await minute(60) }
  await short(4)
  await sleep(600)
  seen[kind] = { ...told, nextWindow: (await short(1))[0] }
}
const days = Math.round((await redis.pttl('minute127.0.0.1')) / 86_400_000)
redis.disconnect()
console.log(seen, { days })
const told = { served: [200, ''], eightieth: [429, '31457280'], later: [429, '9007199254741'] }
assert.deepEqual(seen, { memory: { ...told, nextWindow: 200 }, redis: { ...told, nextWindow: 429 } })
assert.equal(days, 104_249_991)
JS
