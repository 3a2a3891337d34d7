#!/usr/bin/env bash
# PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17), pg 8.23.0.
# A good guess: a named statement is planned anew five times, and from the sixth time on its plan is kept, because nothing in
#   it depends on the values: `select ... from unnest($1::int[]) as u (id) join orders using (id)` finds rows by their key
#   whatever the list says. If length matters at all, a short list is the cheap case.
# What happens: the length of the list decides. A generic plan counts ten rows in every list, a plan for the values counts
#   the real ones. So a list of one costs less than the generic plan says, and PostgreSQL plans it anew for ever; for a
#   list of fifty the generic plan looks cheaper, and it is kept. The shortest lists pay for planning each time.
# Seen after 200 runs of each: one id 0 generic and 200 custom plans; fifty ids 195 generic and 5 custom plans.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import pg from 'pg'

const client = new pg.Client()
await client.connect()
await client.query('create table orders (id int primary key, price int not null)')
await client.query('insert into orders select n, n from generate_series(1, 20000) n')
await client.query('analyze orders')
const text = 'select o.price from unnest($1::int[]) as u (id) join orders o using (id)'

async function plans(name, length) {
  const ids = Array.from({ length }, (_, at) => at * 7 + 1)
  for (let run = 0; run < 200; run++) await client.query({ name, text, values: [ids] })
  const { rows } = await client.query(
    'select generic_plans::int as generic, custom_plans::int as custom from pg_prepared_statements where name = $1',
    [name],
  )
  return rows[0]
}
const seen = { one: await plans('one', 1), fifty: await plans('fifty', 50) }
await client.end()
console.log(seen)
assert.deepEqual(seen, { one: { generic: 0, custom: 200 }, fifty: { generic: 195, custom: 5 } })
JS
