#!/usr/bin/env bash
# luxon 3.7.2, dayjs 1.11.23, @date-fns/tz 1.5.0, temporal-polyfill 1.0.8 on Node 24.21.0; PostgreSQL 18.4 (embedded-postgres
# 18.4.0-beta.17).
# A good guess: 25 October, 02:30 in Berlin comes twice, and each library takes the first or the second, always the same. So
#   a text that names day, hour and zone is one moment, whoever reads it and whenever.
# What happens: Temporal takes the first and PostgreSQL the second. Luxon and Day.js take what the clock shows while they run:
#   in summer the first, in winter the second. So an offer that ends "at 02:30" ends an hour earlier when the same
#   text is read again in July, and a test of it holds for half of the year. TZDate goes by the zone of the machine,
#   though it is told another: on UTC (a container), in New York the second, in Berlin, Moscow and Tokyo the first.
# Seen: the table below; 30 minutes past midnight of UTC is the first, half past one the second.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install luxon@3.7.2 dayjs@1.11.23 @date-fns/tz@1.5.0 temporal-polyfill@1.0.8 pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_postgres
cat >read.js <<'JS'
import { mock } from 'node:test'
import { TZDate } from '@date-fns/tz'
import dayjs from 'dayjs'
import timezone from 'dayjs/plugin/timezone.js'
import utc from 'dayjs/plugin/utc.js'
import { DateTime } from 'luxon'
import pg from 'pg'
import { Temporal } from 'temporal-polyfill'

dayjs.extend(utc)
dayjs.extend(timezone)
const [text, zone] = ['2026-10-25T02:30', 'Europe/Berlin']
const client = new pg.Client()
await client.connect()
const sql = `select extract(epoch from $1::timestamp at time zone $2) * 1000 as ms`
const postgres = Number((await client.query(sql, [text, zone])).rows[0].ms)
await client.end()
mock.timers.enable({ apis: ['Date'], now: new Date(process.argv[2]) })
const read = {
  postgres,
  temporal: Temporal.PlainDateTime.from(text).toZonedDateTime(zone).epochMilliseconds,
  luxon: DateTime.fromISO(text, { zone }).toMillis(),
  dayjs: dayjs.tz(text, zone).valueOf(),
  tzDate: new TZDate(2026, 9, 25, 2, 30, zone).getTime(),
}
mock.timers.reset()
const moments = { [Date.UTC(2026, 9, 25, 0, 30)]: 'first', [Date.UTC(2026, 9, 25, 1, 30)]: 'second' }
console.log(JSON.stringify(Object.fromEntries(Object.entries(read).map(([by, ms]) => [by, moments[ms] ?? ms]))))
JS
script <<'JS'
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'

const read = (TZ, now) => {
  const out = execFileSync(process.execPath, ['read.js', now], { env: { ...process.env, TZ }, encoding: 'utf8' })
  return JSON.parse(out)
}
const seen = {
  'on UTC in winter': read('UTC', '2026-02-01T12:00Z'),
  'on UTC in summer': read('UTC', '2026-07-01T12:00Z'),
  'in Berlin in winter': read('Europe/Berlin', '2026-02-01T12:00Z'),
  'in Berlin in summer': read('Europe/Berlin', '2026-07-01T12:00Z'),
}
console.table(seen)
const always = { postgres: 'second', temporal: 'first' }
const [winter, summer] = ['second', 'first'].map((which) => ({ ...always, luxon: which, dayjs: which }))
assert.deepEqual(seen, {
  'on UTC in winter': { ...winter, tzDate: 'second' },
  'on UTC in summer': { ...summer, tzDate: 'second' },
  'in Berlin in winter': { ...winter, tzDate: 'first' },
  'in Berlin in summer': { ...summer, tzDate: 'first' },
})
JS
