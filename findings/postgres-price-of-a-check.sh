#!/usr/bin/env bash
# PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17), pg 8.23.0, Linux (processor time by /proc).
# A good guess: a CHECK constraint is the cheapest guard of a row, a comparison of a few nanoseconds. A domain with the same
#   rule does the same, and a trigger in PL/pgSQL, a function that is called and interpreted, is the dear way.
# What happens: a statement reads the text of each CHECK of its table anew, turns it into an expression, simplifies and
#   compiles it, also when the statement is prepared and its plan is kept. For an insert of one row the checks cost more than
#   the row. The rules of a domain are kept with the type, and the body of a trigger function with the session.
# Seen, the least of 9 rounds of 500 inserts of one row, in two runs on a busy machine: 24 and 26 us without a rule, 79 and 75
#   with six CHECKs, 24 and 26 with six columns of a domain, 32 and 31 with a trigger. A thousand rows in one statement: 1.3 and
#   0.9 us a row, 1.3 and 1.3, 1.1 and 1.1, 2.9 and 2.4, so there the guess is right.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import pg from 'pg'

const client = new pg.Client()
await client.connect()
await client.query('set synchronous_commit = off')
const { rows } = await client.query('select pg_backend_pid() as pid')
/** The processor time that this connection's process has had, in microseconds. */
const busy = () => Number(readFileSync(`/proc/${rows[0].pid}/schedstat`, 'utf8').split(' ')[0]) / 1000

const columns = ['a', 'b', 'c', 'd', 'e', 'f']
const rule = (of) => `${of} <> 0 and ${of} between -1000000000000 and 1000000000000`
await client.query(`create domain amount as bigint check (${rule('value')})`)
const table = (name, column) => client.query(`create table ${name} (${columns.map(column).join()})`)
await table('plain', (name) => `${name} bigint`)
await table('checked', (name) => `${name} bigint check (${rule(name)})`)
await table('typed', (name) => `${name} amount`)
await table('triggered', (name) => `${name} bigint`)
await client.query(`
  create function guard() returns trigger language plpgsql as $$ begin
    ${columns.map((name) => `if not (${rule(`new.${name}`)}) then raise exception 'no'; end if;`).join('\n')}
    return new;
  end $$;
  create trigger guard before insert on triggered for each row execute function guard()`)

const least = {}
for (let round = 0; round < 9; round++)
  for (const name of ['plain', 'checked', 'typed', 'triggered'])
    for (const [kind, times, count] of [['one row', 500, 1], ['a row of a thousand', 3, 1000]]) {
      const text = `insert into ${name} select 1, 2, 3, 4, 5, $1::bigint from generate_series(1, ${count})`
      const insert = () => client.query({ name: name + count, text, values: [6] })
      for (let warm = 0; warm < 8; warm++) await insert()
      const before = busy()
      for (let time = 0; time < times; time++) await insert()
      const micros = (busy() - before) / times / count
      const of = (least[kind] ??= {})
      of[name] = Math.min(of[name] ?? Infinity, micros)
    }
await client.end()
console.table(least)
const { plain, checked, typed, triggered } = least['one row']
assert(checked > 1.5 * plain && checked > 1.4 * typed && checked > 1.15 * triggered)
const many = least['a row of a thousand']
assert(many.checked < many.triggered)
JS
