#!/usr/bin/env bash
# PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17), its new `primary key (..., at without overlaps)`, pg 8.23.0.
# A good guess: when eight people book the same room for the same night at the same moment, one row each and one statement
#   each, the key lets one in and refuses the others at once, as a key of single values does. Statements of one row cannot
#   wait for one another in a circle.
# What happens: such a key is an exclusion constraint: a statement puts its row in first and looks for others then. Those
#   that come at the same moment see each other's rows, each waits for the other, and after `deadlock_timeout` (a second)
#   one of the circle ends with 40P01, then the next one. So a booking that is refused takes seconds, and some are refused
#   with a code that says "try again". `on conflict do nothing` announces its row before and has neither; it may not name
#   the key's columns (42P10).
# Seen: by the key 40P01 among 23P01 and waits of one to seven seconds; by a key of single values and by `on conflict do
#   nothing` no 40P01, and no wait beyond a tenth of a second.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import pg from 'pg'

const people = await Promise.all(
  Array.from({ length: 8 }, async () => {
    const client = new pg.Client()
    await client.connect()
    return client
  }),
)
await people[0].query(`
  create extension btree_gist;
  create table nights (room int, at daterange, person int, primary key (room, at without overlaps));
  create table days (room int, at date, person int, primary key (room, at))`)
const night = `insert into nights values ($1, '[2026-12-31,2027-01-01)', $2)`

/** Rounds in which all want one room: how often each answer came, and the longest wait in ms. It ends after a deadlock. */
async function rounds(text, most, from) {
  const seen = { booked: 0, longest: 0 }
  let round = 0
  for (; round < most && !seen['40P01']; round++) {
    await Promise.all(people.map(async (client, person) => {
      const start = performance.now()
      const answer = await client.query(text, [from + round, person])
        .then(({ rowCount }) => (rowCount ? 'booked' : 'none'), ({ code }) => code)
      seen[answer] = (seen[answer] ?? 0) + 1
      seen.longest = Math.max(seen.longest, Math.round(performance.now() - start))
    }))
  }
  return { ...seen, rounds: round }
}
const seen = {
  nights: await rounds(night, 300, 0),
  ignoring: await rounds(`${night} on conflict do nothing`, 100, 1_000),
  days: await rounds(`insert into days values ($1, '2026-12-31', $2)`, 100, 0),
}
const named = await people[0].query(`insert into nights values (0, '[2026-12-31,2027-01-01)', 0) on conflict (room, at) do nothing`)
  .catch(({ code }) => code)
for (const client of people) await client.end()
console.log(seen, named)
for (const { booked, rounds } of Object.values(seen)) assert.equal(booked, rounds)
assert(seen.nights['40P01'] > 0 && seen.nights.longest > 900)
for (const quiet of [seen.ignoring, seen.days]) assert(!quiet['40P01'] && quiet.longest < 900)
assert.equal(named, '42P10')
JS
