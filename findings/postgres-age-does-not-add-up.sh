#!/usr/bin/env bash
# PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17).
# A good guess: `age(ends, starts)` is the time between two dates in months and days, so `starts + age(ends, starts)` is `ends`,
#   and what is left of a subscription can be given to another one by adding it.
# What happens: `age` counts the days from the end backwards and `+` counts the months from the start forwards, and months
#   differ. For every fourth pair of dates within a year another day comes out, up to three days before or after. Going
#   back, `ends - age(ends, starts)`, misses too, though seldom. The days alone, `ends - starts`, always add up.
# Seen: of 199,290 pairs of 2026 and 2027, 47,460 by adding and 2,803 by subtracting; 2 January and "1 mon 30 days", the age
#   of 1 March, are 4 March.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import pg from 'pg'

const client = new pg.Client()
await client.connect()
const one = async (sql) => (await client.query(sql)).rows[0]
const pairs = await one(`
  with days as (select date '2026-01-01' + n as day from generate_series(0, 729) n),
       pairs as (select a.day as starts, b.day as ends from days a join days b on b.day > a.day and b.day < a.day + 365)
  select count(*)::int as all,
         count(*) filter (where starts + age(ends, starts) <> ends)::int as adding,
         count(*) filter (where ends - age(ends, starts) <> starts)::int as subtracting,
         count(*) filter (where starts + (ends - starts) <> ends)::int as days,
         min(extract(day from starts + age(ends, starts) - ends))::int as least,
         max(extract(day from starts + age(ends, starts) - ends))::int as most
  from pairs`)
const example = await one(`
  select age(date '2026-03-01', date '2026-01-02')::text as age,
         (date '2026-01-02' + age(date '2026-03-01', date '2026-01-02'))::date::text as sum`)
await client.end()
console.log(pairs, example)
assert.deepEqual(pairs, { all: 199_290, adding: 47_460, subtracting: 2_803, days: 0, least: -3, most: 3 })
assert.deepEqual(example, { age: '1 mon 30 days', sum: '2026-03-04' })
JS
