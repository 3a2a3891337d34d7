#!/usr/bin/env bash
# bullmq 6.7.0 on Redis and PostgreSQL, with the cron-parser 5.10.3 that it brings; cron-parser 5.10.6 says the same.
# A good guess: a job scheduler with `pattern: '0 * * * *'` runs once an hour in every time zone, and twice or not at all
#   in the hour when clocks change; where the parser cannot say the next time, the scheduler shows an error.
# What happens: Lord Howe Island sets its clocks back by half an hour. In the hours before that the parser refuses each
#   pattern with a fixed minute as "Invalid expression, loop limit exceeded". BullMQ drops this error and takes "now" for
#   the next time, so the job runs again at once, and again: on Redis until two runs get the same millisecond, and then
#   never again; on PostgreSQL on and on. Nothing is reported: no error event, no failed job, and the scheduler is still
#   listed. A scheduler for Berlin beside it goes on.
# Seen: on Redis 79 runs within 0.4 s, another time 399 within 4 s, then no job that waits; on PostgreSQL about 50 a second.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install bullmq@6.7.0 cron-parser@5.10.6 ioredis@6.0.0 pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_redis
start_postgres
both
cat >clock.js <<'JS'
const Real = Date
let ahead = 0
globalThis.Date = class extends Real {
  constructor(...given) {
    super(...(given.length > 0 ? given : [Real.now() + ahead]))
  }
  static now() {
    return Real.now() + ahead
  }
}
/** From here on it is this moment. */
export function setClock(moment) {
  ahead = Real.parse(moment) - Real.now()
}
JS
script <<'JS'
import { setClock } from './clock.js'
import assert from 'node:assert/strict'
import { CronExpressionParser } from 'cron-parser'
import { onBoth, sleep, until } from './both.js'

// 01:00 on the island; at 02:00 its clocks go back to 01:30.
const HOUR = '2027-04-03T14:00:00.000Z'
const hourly = (tz) => CronExpressionParser.parse('0 * * * *', { tz, currentDate: HOUR })
assert.throws(() => hourly('Australia/Lord_Howe').next(), { message: 'Invalid expression, loop limit exceeded' })
assert.equal(hourly('Europe/Berlin').next().toISOString(), '2027-04-03T15:00:00.000Z')

const seen = await onBoth(async ({ queue, work }) => {
  const runs = { island: 0, berlin: 0 }
  const troubles = []
  setClock('2027-04-03T13:59:55Z')
  for (const [name, tz] of [['island', 'Australia/Lord_Howe'], ['berlin', 'Europe/Berlin']]) {
    await queue.upsertJobScheduler(name, { pattern: '0 * * * *', tz }, { name })
    assert.equal(new Date((await queue.getJobScheduler(name)).next).toISOString(), HOUR)
  }
  const worker = work(async ({ name }) => void runs[name]++)
  worker.on('error', (error) => troubles.push(error.message))
  await until(() => runs.berlin === 1 && runs.island > 3)
  let [before, seconds] = [0, 0]
  for (; before !== runs.island && seconds < 20; seconds += 2) {
    before = runs.island
    await sleep(2_000)
  }
  const waiting = (await queue.getDelayed()).map(({ name }) => name)
  const failed = await queue.getFailedCount()
  const hasPassed = (await queue.getJobScheduler('island')).next <= Date.now()
  await worker.close()
  return { runs, ended: before === runs.island, waiting, failed, troubles, hasPassed }
})
for (const { runs, waiting, failed, troubles } of Object.values(seen)) {
  assert(runs.island > 3)
  assert.equal(runs.berlin, 1)
  assert.deepEqual([waiting, failed, troubles], [['berlin'], 0, []])
}
assert(seen.redis.ended && seen.redis.hasPassed)
JS
