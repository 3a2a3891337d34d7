#!/usr/bin/env bash
# PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17) with pg 8.23.0, postgres 3.4.9 (postgres.js) and PL/pgSQL.
# A good guess: `on conflict (ref) where kind = $2` names a partial unique index or does not. If it does not, the first run
#   says so, and what passed its tests goes on working.
# What happens: the first five runs of a prepared statement are planned with the values in it, so `kind = 'paid'` is seen
#   and the index is found. For the sixth, PostgreSQL tries a plan for any value, finds no index that fits any `$2`, and
#   the statement fails in this session from then on. A variable of a PL/pgSQL function is such a `$2`; postgres.js prepares
#   whatever is written with its tag, pg what has a name. The predicate written as a literal works for ever.
# Seen: five times ok, then 42P10, by all three ways; by pg without a name and with a literal always ok.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install pg@8.23.0 postgres@3.4.9 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import pg from 'pg'
import postgres from 'postgres'

const client = new pg.Client()
await client.connect()
await client.query(`
  create table payments (ref text, kind text);
  create unique index on payments (ref) where kind = 'paid';
  create function pay(of text, as_kind text) returns void language plpgsql as $$ begin
    insert into payments values (of, as_kind) on conflict (ref) where kind = as_kind do nothing;
  end $$`)
const tagged = postgres({ max: 1 })
const [kind, runs] = ['paid', 12]

/** What each of many runs says: ok, or the code of its error. */
async function times(run) {
  const said = []
  for (let time = 0; time < runs; time++) said.push(await run().then(() => 'ok', (error) => error.code))
  return said.join(' ')
}
const text = `insert into payments values ('r1', 'paid') on conflict (ref) where kind = $1 do nothing`
const seen = {
  named: await times(() => client.query({ name: 'pay', text, values: [kind] })),
  tagged: await times(() => tagged`insert into payments values ('r1', 'paid') on conflict (ref) where kind = ${kind} do nothing`),
  plpgsql: await times(() => client.query(`select pay('r1', 'paid')`)),
  unnamed: await times(() => client.query(text, [kind])),
  literal: await times(() => client.query({ name: 'literal', text: text.replace('$1', `'paid'`) })),
}
await client.end()
await tagged.end()
console.log(seen)
const always = Array(runs).fill('ok').join(' ')
const five = [...Array(5).fill('ok'), ...Array(runs - 5).fill('42P10')].join(' ')
assert.deepEqual(seen, { named: five, tagged: five, plpgsql: five, unnamed: always, literal: always })
JS
