#!/usr/bin/env bash
# PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17), `json_table` and `json_value`, which came with 17.
# A good guess: `columns (amount int path '$.amount')` reads an amount as a cast or `jsonb_to_recordset` does: 10.0 is 10,
#   10.5 is rounded or an error, and a number that the column cannot hold is an error.
# What happens: what does not fit is null, without a word, and `sum` leaves it out. For int that is every number with a
#   point in it, 10.0 too, as Python writes whole floats; 1e2 is taken as 100. For numeric(6,2) too many digits behind the
#   point are rounded and too many in front are null. A column with a null cannot be told from one whose key is missing.
#   `error on error` makes an error of it, in each column or once behind them.
# Seen, of 10, 10.0, 10.5, "10.0", "10" and 1e2 as int: 10, null, null, null, 10, 100, and 120 for their sum; a cast gives
#   10 and 11 for 10.0 and 10.5.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import pg from 'pg'

const client = new pg.Client()
await client.connect()
const listOf = (list) => `[${list.map((one) => `{"amount":${one}}`)}]`
/** The amounts of a list as a column of that type, or the code of the error. */
const amounts = (type, list) =>
  client
    .query(`select amount from json_table($1, '$[*]' columns (amount ${type}))`, [listOf(list)])
    .then(({ rows }) => rows.map(({ amount }) => amount), (error) => error.code)
const first = async (query) => Object.values((await client.query(query)).rows[0])
const whole = ['10', '10.0', '10.5', '"10.0"', '"10"', '1e2']
const seen = {
  int: await amounts('int', whole),
  strict: await amounts('int error on error', whole),
  numeric: await amounts('numeric(6,2)', ['10.567', '12345.6']),
  sum: await first(`select sum(amount)::int from json_table('${listOf(whole)}', '$[*]' columns (amount int))`),
  value: await first(`select json_value('10.0', '$' returning int) as whole, json_value('10.0', '$' returning numeric)::int as rounded`),
  cast: await first(`select ('10.0'::jsonb)::int as whole, ('10.5'::jsonb)::int as rounded`),
  record: await client.query(`select * from jsonb_to_recordset('[{"amount":10.5}]') as x (amount int)`).catch(({ code }) => code),
}
await client.end()
console.log(seen)
assert.deepEqual(seen, {
  int: [10, null, null, null, 10, 100],
  strict: '22P02',
  numeric: ['10.57', null],
  sum: [120],
  value: [null, 10],
  cast: [10, 11],
  record: '22P02',
})
JS
