#!/usr/bin/env bash
# bullmq 6.7.0 on Redis and on PostgreSQL.
# A good guess: `getJobs(['wait'], 0, 0, true)` and `getWaiting(0, 0)` give the oldest job that waits, as on Redis.
# What happens: on PostgreSQL positions count from the newest job, and the wish for ascending order only turns the page
#   around. So the first page of a board has the last jobs, and an age measured that way is that of the newest job.
#   Negative positions mean "from the end" on Redis and everything on PostgreSQL.
# Seen, jobs 0..3: redis [ 0 ], [ 0 ], [ 3 ]; postgres [ 3 ], [ 3 ], [ 0, 1, 2, 3 ].
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install bullmq@6.7.0 ioredis@6.0.0 pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_redis
start_postgres
both
script <<'JS'
import assert from 'node:assert/strict'
import { onBoth } from './both.js'

const seen = await onBoth(async ({ queue }) => {
  for (let job = 0; job < 4; job++) await queue.add('x', job)
  const data = (jobs) => jobs.map((job) => job.data)
  return {
    first: data(await queue.getJobs(['wait'], 0, 0, true)),
    waiting: data(await queue.getWaiting(0, 0)),
    last: data(await queue.getWaiting(-1, -1)),
  }
})
assert.deepEqual(seen.redis, { first: [0], waiting: [0], last: [3] })
assert.deepEqual(seen.postgres, { first: [3], waiting: [3], last: [0, 1, 2, 3] })
JS
