#!/usr/bin/env bash
# bullmq 6.7.0, Redis and PostgreSQL alike.
# A good guess: `upsertJobScheduler(id, { every, endDate })` makes no run that is due after `endDate`, as `pattern` makes none.
# What happens: with `every` one more run comes after the end: a charge of the month after the last one. The scheduler is
#   still listed afterwards, whichever way it was made.
# Seen: with an end after two and a half intervals one run is due after it, and none by the pattern of each second.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install bullmq@6.7.0 ioredis@6.0.0 pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_redis
start_postgres
both
script <<'JS'
import assert from 'node:assert/strict'
import { onBoth, sleep } from './both.js'

const seen = await onBoth(async ({ queue, work }) => {
  /** How many runs are due before and after the end, and whether the scheduler is listed after it. */
  async function count(repeat) {
    const due = []
    const worker = work(async (job) => void due.push(job.timestamp + (job.opts.delay ?? 0)))
    const endDate = Date.now() + 2_500
    await queue.upsertJobScheduler('charge', { ...repeat, endDate })
    await sleep(5_500)
    await worker.close()
    const listed = (await queue.getJobSchedulers()).length
    await queue.removeJobScheduler('charge')
    return { before: due.some((at) => at <= endDate), after: due.filter((at) => at > endDate).length, listed }
  }
  return { every: await count({ every: 1_000 }), pattern: await count({ pattern: '* * * * * *' }) }
})
for (const each of Object.values(seen))
  assert.deepEqual(each, { every: { before: true, after: 1, listed: 1 }, pattern: { before: true, after: 0, listed: 1 } })
JS
