#!/usr/bin/env bash
# bullmq 6.7.0 on Redis and on PostgreSQL.
# A good guess: `removeOnComplete: { age }` is a number of seconds, so 100.5 works on both back ends, or `add` refuses it.
# What happens: on Redis it works. On PostgreSQL `add` takes it and the worker does the work; then the move to completed
#   fails ("invalid input syntax for type bigint"), which counts as a failure of the work: with three attempts it is
#   done three times, and the job ends failed.
# Seen: redis 1 run, completed; postgres 3 runs, failed.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install bullmq@6.7.0 ioredis@6.0.0 pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_redis
start_postgres
both
script <<'JS'
import assert from 'node:assert/strict'
import { onBoth, until } from './both.js'

const seen = await onBoth(async ({ queue, work }) => {
  let runs = 0
  const worker = work(async () => void runs++, {})
  const job = await queue.add('x', {}, { attempts: 3, removeOnComplete: { age: 100.5 } })
  await until(async () => (await job.isCompleted()) || (await job.isFailed()))
  await worker.close()
  return { runs, state: await job.getState() }
})
assert.deepEqual(seen.redis, { runs: 1, state: 'completed' })
assert.deepEqual(seen.postgres, { runs: 3, state: 'failed' })
JS
