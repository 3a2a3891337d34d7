#!/usr/bin/env bash
# cron-parser 5.10.3 (what bullmq 6.7.0 brings), croner 11.0.1, cron 4.4.0, node-cron 4.6.0 and graphile-worker 0.18.0.
# A good guess: patterns of five fields mean the same in each of these. A day of the month and a weekday that are both
#   given are either two conditions or two occasions, everywhere; and "1-31" for a day of the month is as good as "*".
# What happens: `0 9 13 * 5` is every Friday and every 13th in four of them, and Friday the 13th alone in node-cron. `0 9
#   1-31 * 1` is every Monday in three of them; in cron-parser and croner it is every day, because 1-31 was said and * was
#   not. So a form that writes out all days turns a weekly report into a daily one, with BullMQ and not with its
#   neighbours.
# Seen: the days from Tuesday, 1 December 2026 on, as in the lists below.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install cron-parser@5.10.3 croner@11.0.1 cron@4.4.0 node-cron@4.6.0 graphile-worker@0.18.0
script <<'JS'
import assert from 'node:assert/strict'
import { CronTime } from 'cron'
import { CronExpressionParser } from 'cron-parser'
import { Cron } from 'croner'
import { parseCrontab } from 'graphile-worker'
import nodeCron from 'node-cron'

const start = new Date('2026-12-01T00:00:00Z')
const days = Array.from({ length: 20 }, (_, index) => new Date(start.getTime() + index * 86_400_000))
const until = (next) => {
  const list = []
  for (let at = next(start); at < new Date('2026-12-21'); at = next(at)) list.push(at)
  return list
}
const libraries = {
  'cron-parser': (pattern) => {
    const found = CronExpressionParser.parse(pattern, { tz: 'UTC', currentDate: start })
    return until(() => found.next().toDate())
  },
  croner: (pattern) => until((at) => new Cron(pattern, { timezone: 'UTC', paused: true }).nextRun(at)),
  cron: (pattern) => until((at) => new CronTime(pattern, 'UTC').getNextDateFrom(at, 'UTC').toJSDate()),
  'node-cron': (pattern) => {
    const task = nodeCron.createTask(pattern, () => {}, { timezone: 'UTC' })
    return days.filter((day) => task.match(new Date(day.getTime() + 9 * 3_600_000)))
  },
  'graphile-worker': (pattern) => {
    const [{ match }] = parseCrontab(`${pattern} task`)
    return days.filter((day) => match({ min: 0, hour: 9, date: day.getUTCDate(), month: day.getUTCMonth() + 1, dow: day.getUTCDay() }))
  },
}
const seen = { '0 9 13 * 5': {}, '0 9 1-31 * 1': {} }
for (const [pattern, of] of Object.entries(seen))
  for (const [name, times] of Object.entries(libraries)) of[name] = times(pattern).map((at) => at.getUTCDate()).join(' ')
// The next Friday that is a 13th.
const friday = nodeCron.createTask('0 9 13 * 5', () => {}, { timezone: 'UTC' }).match(new Date('2027-08-13T09:00:00Z'))
console.log(seen, friday)
const either = '4 11 13 18'
const mondays = '7 14'
const daily = days.map((day) => day.getUTCDate()).join(' ')
assert.deepEqual(seen, {
  '0 9 13 * 5': { 'cron-parser': either, croner: either, cron: either, 'node-cron': '', 'graphile-worker': either },
  '0 9 1-31 * 1': { 'cron-parser': daily, croner: daily, cron: mondays, 'node-cron': mondays, 'graphile-worker': mondays },
})
assert.equal(friday, true)
JS
