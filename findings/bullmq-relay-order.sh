#!/usr/bin/env bash
# bullmq 6.7.0, Relay (experimental) on Redis and on PostgreSQL.
# A good guess: a subscriber hears one publisher's messages of a topic in the order of the `publish` calls, whether each
#   is awaited or not, as with Redis publish/subscribe or MQTT over one connection.
# What happens: on Redis so. On PostgreSQL each call takes a connection of the pool, so calls that are not awaited one by
#   one arrive in another order; with a pool of one they keep it.
# Seen, 300 messages: redis in order, postgres not, postgres with `max: 1` in order.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install bullmq@6.7.0 ioredis@6.0.0 pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_redis
start_postgres
both
script <<'JS'
import assert from 'node:assert/strict'
import { Relay, createPostgresRelayBackend, runMigrations } from 'bullmq'
import pg from 'pg'
import { until } from './both.js'

const client = new pg.Client()
await client.connect()
await runMigrations(client, 'bullmq')
await client.end()
const host = process.env.PGHOST
const openers = {
  redis: () => ({ connection: { path: process.env.REDIS_SOCKET } }),
  postgres: () => ({ connection: { host, max: 6 }, backend: createPostgresRelayBackend }),
  postgresOne: () => ({ connection: { host, max: 1 }, backend: createPostgresRelayBackend }),
}
const seen = {}
for (const [kind, options] of Object.entries(openers)) {
  const subscriber = new Relay({ ...openers[kind === 'redis' ? 'redis' : 'postgres'](), namespace: kind })
  const publisher = new Relay({ ...options(), namespace: kind })
  const heard = []
  await subscriber.subscribe('orders', ({ data }) => void heard.push(data))
  await Promise.all(Array.from({ length: 300 }, (_, at) => publisher.publish('orders', at)))
  await until(() => heard.length === 300)
  seen[kind] = heard.every((data, at) => data === at)
  await publisher.close()
  await subscriber.close()
}
console.log(seen)
assert.deepEqual(seen, { redis: true, postgres: false, postgresOne: true })
JS
