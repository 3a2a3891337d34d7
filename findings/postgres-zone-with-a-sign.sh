#!/usr/bin/env bash
# PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17), Intl of Node 24.21.0.
# A good guess: a time zone that both Intl and PostgreSQL take means the same in both, so one stored with a person can be
#   checked by Intl and used in `at time zone`.
# What happens: '+03:00' is three hours east of Greenwich in Intl, as in every timestamp, and three hours WEST in `at time
#   zone`, where signs follow POSIX; in the timestamp '12:00+03:00' of the same query it is east. So a daily report begins
#   six hours off, with no error on either side. Named zones agree, Etc/GMT-3 (east) among them; `interval '3 hours'`
#   in place of the text is east too.
# Seen for 12:00 UTC: '+03:00' and '+03' 15:00 in Intl and 09:00 in PostgreSQL; Europe/Moscow and Etc/GMT-3 15:00 in both.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import pg from 'pg'

const client = new pg.Client()
await client.connect()
const noon = new Date('2026-11-29T12:00:00Z')
const seen = {}
for (const zone of ['+03:00', '+03', 'Europe/Moscow', 'Etc/GMT-3']) {
  const inIntl = noon.toLocaleTimeString('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' })
  const { rows } = await client.query(`select to_char($1::timestamptz at time zone $2, 'HH24:MI') as clock`, [noon, zone])
  seen[zone] = `${inIntl} ${rows[0].clock}`
}
const { rows } = await client.query(`select
  extract(hour from '2026-11-29 12:00+03:00'::timestamptz at time zone 'UTC')::int as written,
  extract(hour from $1::timestamptz at time zone interval '3 hours')::int as interval`, [noon])
Object.assign(seen, rows[0])
console.log(seen)
assert.deepEqual(seen, {
  '+03:00': '15:00 09:00',
  '+03': '15:00 09:00',
  'Europe/Moscow': '15:00 15:00',
  'Etc/GMT-3': '15:00 15:00',
  written: 9,
  interval: 15,
})
await client.end()
JS
