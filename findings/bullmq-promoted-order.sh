#!/usr/bin/env bash
# bullmq 6.7.0 on Redis and on PostgreSQL.
# A good guess: delayed jobs that become due run in the order of their due times, whether their time came or
#   `promoteJobs()` brought it forward; among jobs that waited before, they come last, whatever `lifo` they had.
# What happens: on Redis so. On PostgreSQL promoted jobs run in the order in which they were added, and a delayed job
#   with `lifo` overtakes what waits when its time comes.
# Seen: redis a b c, then x y z; postgres c a b, then z x y.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install bullmq@6.7.0 ioredis@6.0.0 pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_redis
start_postgres
both
script <<'JS'
import assert from 'node:assert/strict'
import { onBoth, sleep, until } from './both.js'

const seen = await onBoth(async ({ queue, work }) => {
  const ran = []
  await queue.add('c', {}, { delay: 300_000 })
  await queue.add('a', {}, { delay: 100_000 })
  await queue.add('b', {}, { delay: 200_000 })
  await queue.promoteJobs()
  const worker = work(async ({ name }) => void ran.push(name))
  await until(() => ran.length === 3)
  await worker.close()
  for (const name of ['x', 'y']) await queue.add(name, {})
  await queue.add('z', {}, { delay: 100, lifo: true })
  await sleep(1_000)
  const again = work(async ({ name }) => void ran.push(name))
  await until(() => ran.length === 6)
  await again.close()
  return ran.join(' ')
})
assert.deepEqual(seen, { redis: 'a b c x y z', postgres: 'c a b z x y' })
JS
