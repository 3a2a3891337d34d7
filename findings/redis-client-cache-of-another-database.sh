#!/usr/bin/env bash
# redis 6.3.1 (node-redis), its client-side cache, against redis-server (7.0.15 here).
# A good guess: with `clientSideCache` a client answers what it asked before, as the server would. Of two clients that share
#   one cache and have different databases each sees its own keys. What one connection sends is done in the order in which it
#   was sent, so a read after a write of one's own gives what was written.
# What happens: the cache knows keys by their names alone. A client of database 1 gets the value of database 0, for as
#   long as nobody changes it; after `select(1)` a single client does so too. And a read that is sent right after a
#   write is answered from the cache, with the value from before the write.
# Seen: price 5 of database 0 for the client of database 1, where it is 100, and the old value after a write that is not awaited.
#   Without the cache 5 and 100, and the new value.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install redis@6.3.1
start_redis
script <<'JS'
import assert from 'node:assert/strict'
import { BasicClientSideCache, createClient } from 'redis'

const socket = { path: process.env.REDIS_SOCKET }
const opened = []
async function open(database, clientSideCache) {
  const client = await createClient({ RESP: 3, socket, database, clientSideCache }).connect()
  opened.push(client)
  return client
}
const plain = [await open(0), await open(1)]
await plain[0].set('price', '5')
await plain[1].set('price', '100')

/** What is read in both databases: by a client of each, then by one client that goes from one to the other. */
async function read(cache) {
  const [zero, one, mover] = [await open(0, cache?.()), await open(1), await open(0, cache?.())]
  const shared = cache?.()
  const [first, second] = shared ? [await open(0, shared), await open(1, shared)] : [zero, one]
  const two = [await first.get('price'), await second.get('price')]
  const moved = [await mover.get('price')]
  await mover.select(1)
  moved.push(await mover.get('price'))
  await zero.set('told', 'before')
  await zero.get('told')
  const [, told] = await Promise.all([zero.set('told', 'after'), zero.get('told')])
  return { two, moved, told }
}
const seen = { cached: await read(() => new BasicClientSideCache({ ttl: 0, maxEntries: 0 })), plain: await read() }
for (const client of opened) client.destroy()
console.log(seen)
assert.deepEqual(seen, {
  cached: { two: ['5', '5'], moved: ['5', '5'], told: 'before' },
  plain: { two: ['5', '100'], moved: ['5', '100'], told: 'after' },
})
JS
