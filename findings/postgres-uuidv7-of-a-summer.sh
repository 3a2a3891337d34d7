#!/usr/bin/env bash
# PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17), its new `uuidv7(shift interval)`, with pg 8.23.0.
# A good guess: rows of before get their ids by `uuidv7(created_at - clock_timestamp())`, which moves the clock to the moment
#   of the row; `uuid_extract_timestamp` then gives that moment back, in any session.
# What happens: the difference of two moments is so many days and hours, and the shift adds its days by the calendar of the
#   session's time zone. Where clocks changed in between, the id is an hour off: run in November, by all rows of
#   the summer. Such an id stands among those of another hour, and a range of ids that was made from times misses it. Under
#   `set timezone to 'UTC'` it is right, and so is a shift of seconds alone: make_interval(secs => extract(epoch from ...)).
# Seen, in a session of Berlin: of a day in January and one in July one is right and one an hour off (in November July).
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import pg from 'pg'

const client = new pg.Client()
await client.connect()
await client.query(`
  create table sales (at timestamptz);
  insert into sales values ('2026-01-15 12:00+00'), ('2026-07-15 12:00+00')`)
const shifts = {
  difference: 'at - clock_timestamp()',
  seconds: 'make_interval(secs => extract(epoch from at - clock_timestamp())::float8)',
}
/** By how many minutes the ids of the sales miss the sales' times. */
async function missed(zone, shift) {
  await client.query(`set timezone to '${zone}'`)
  const { rows } = await client.query(
    `select abs(round(extract(epoch from uuid_extract_timestamp(uuidv7(${shift})) - at) / 60))::int as minutes from sales order by at`,
  )
  return rows.map(({ minutes }) => minutes)
}
const seen = {}
for (const zone of ['Europe/Berlin', 'UTC', 'Europe/Moscow'])
  for (const [name, shift] of Object.entries(shifts)) seen[`${zone} ${name}`] = (await missed(zone, shift)).join(' ')
await client.end()
console.log(seen)
assert.ok(['0 60', '60 0'].includes(seen['Europe/Berlin difference']))
assert.deepEqual(
  { ...seen, 'Europe/Berlin difference': 'one of two' },
  {
    'Europe/Berlin difference': 'one of two',
    'Europe/Berlin seconds': '0 0',
    'UTC difference': '0 0',
    'UTC seconds': '0 0',
    'Europe/Moscow difference': '0 0',
    'Europe/Moscow seconds': '0 0',
  },
)
JS
