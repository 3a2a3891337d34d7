#!/usr/bin/env bash
# PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17).
# A good guess: `generate_series('2026-01-31', ..., '1 month')` gives the days on which a monthly plan of 31 January is due:
#   the last day of each month, as adding 1, 2, 3 months to that date does.
# What happens: each step adds a month to the step before, and February's 28th is never left again. From March on each
#   day is two or three days early, so a series up to 30 May holds a fifth day, which is not due yet.
#   `start + n * interval '1 month'` over a series of numbers is right.
# Seen: 31 28 28 28 28 from the series of dates, 31 28 31 30 31 from the series of numbers.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import pg from 'pg'

const client = new pg.Client()
await client.connect()
const days = async (from) =>
  (await client.query(`select string_agg(extract(day from due)::text, ' ' order by due) as days from ${from}`)).rows[0].days
const seen = {
  dates: await days(`generate_series(timestamp '2026-01-31', '2026-05-31', '1 month') due`),
  zoned: await days(`generate_series(timestamptz '2026-01-31', '2026-05-31', '1 month', 'UTC') due`),
  numbers: await days(`(select timestamp '2026-01-31' + n * interval '1 month' as due from generate_series(0, 4) n)`),
  // The fifth due day is the 31st of May; up to the 30th there are four.
  upTo30th: await days(`generate_series(timestamp '2026-01-31', '2026-05-30', '1 month') due`),
}
console.log(seen)
assert.deepEqual(seen, {
  dates: '31 28 28 28 28',
  zoned: '31 28 28 28 28',
  numbers: '31 28 31 30 31',
  upTo30th: '31 28 28 28 28',
})
await client.end()
JS
