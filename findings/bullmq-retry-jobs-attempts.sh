#!/usr/bin/env bash
# bullmq 6.7.0 on Redis and on PostgreSQL.
# A good guess: `queue.retryJobs()` means the same on both back ends: either the failed jobs get their attempts anew, or
#   one more.
# What happens: on Redis a job with `attempts: 2` runs once more, on PostgreSQL twice more; `attemptsMade` goes on
#   counting on Redis and begins at 0 on PostgreSQL. With completed jobs the same: 2 on Redis, 1 on PostgreSQL.
# Seen: attemptsMade as the runs saw it: redis [ 0, 1, 2 ], postgres [ 0, 1, 0, 1 ].
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
  const failing = []
  const worker = work(async ({ name, attemptsMade }) => {
    if (name === 'well') return
    failing.push(attemptsMade)
    throw new Error('always')
  })
  const bad = await queue.add('bad', {}, { attempts: 2 })
  const well = await queue.add('well', {})
  await until(async () => (await bad.isFailed()) && (await well.isCompleted()))
  await queue.retryJobs({ state: 'failed' })
  await queue.retryJobs({ state: 'completed' })
  await until(async () => failing.length > 2 && (await bad.isFailed()) && (await well.isCompleted()))
  await sleep(300)
  await worker.close()
  return { failing, completedTwice: (await queue.getJob(well.id)).attemptsMade }
})
assert.deepEqual(seen.redis, { failing: [0, 1, 2], completedTwice: 2 })
assert.deepEqual(seen.postgres, { failing: [0, 1, 0, 1], completedTwice: 1 })
JS
