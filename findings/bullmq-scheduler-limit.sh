#!/usr/bin/env bash
# bullmq 6.7.0, Redis and PostgreSQL alike.
# A good guess: `upsertJobScheduler(id, { every, limit: 3 })` runs three times in all; a process that says the same
#   again at its next start changes nothing.
# What happens: every upsert grants the limit anew, also when the scheduler had used it up (its record stays for ever).
#   A service that upserts at each start has no limit.
# Seen: 3 runs, then 6 after the same upsert again.
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
  let runs = 0
  const worker = work(async () => void runs++)
  const same = () => queue.upsertJobScheduler('thrice', { every: 100, limit: 3 })
  await same()
  await until(() => runs === 3)
  await sleep(1_000)
  const first = runs
  const kept = (await queue.getJobScheduler('thrice'))?.iterationCount
  await same()
  await until(() => runs === 6)
  await sleep(1_000)
  await worker.close()
  return { first, kept, inAll: runs }
})
for (const each of Object.values(seen)) assert.deepEqual(each, { first: 3, kept: 3, inAll: 6 })
JS
