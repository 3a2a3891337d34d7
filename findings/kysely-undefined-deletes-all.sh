#!/usr/bin/env bash
# kysely 0.29.9 (0.29.6 does the same) with pg 8.23.0 on PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17).
# A good guess: a condition whose value is undefined (a field that was left out, a typing error behind `as`) is an error,
#   or at least the same in each way of writing it: `.where('owner', '=', undefined)` becomes `owner = null` and finds
#   nothing.
# What happens: `eb.and({ owner: undefined })` leaves the condition out. Beside others it widens the search; alone it is
#   `1 = 1`, so a `delete` takes all rows. `eb.or({ owner: undefined })` is `1 = 0` and finds none. An empty list is not
#   "none" there either, but a syntax error (42601), as with `in`. TypeScript lets undefined pass for a key that may be
#   null.
# Seen: of three carts of two owners `where` deletes 0, `and` 3, `and` beside the shop 2, `or` 0.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install kysely@0.29.9 pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'

const pool = new pg.Pool()
await pool.query('create table carts (shop int, owner int)')
const db = new Kysely({ dialect: new PostgresDialect({ pool }) })
const owner = undefined
/** How many of three carts a condition deletes, or the code of the error. */
async function deleted(condition) {
  await pool.query('truncate carts; insert into carts values (1, 7), (1, 8), (2, 8)')
  return await condition(db.deleteFrom('carts')).executeTakeFirst()
    .then(({ numDeletedRows }) => Number(numDeletedRows), ({ code }) => code)
}
const seen = {
  where: await deleted((carts) => carts.where('owner', '=', owner)),
  and: await deleted((carts) => carts.where((eb) => eb.and({ owner }))),
  beside: await deleted((carts) => carts.where((eb) => eb.and({ shop: 1, owner }))),
  or: await deleted((carts) => carts.where((eb) => eb.or({ owner }))),
  list: await deleted((carts) => carts.where((eb) => eb.and({ owner: [] }))),
}
await db.destroy()
console.log(seen)
assert.deepEqual(seen, { where: 0, and: 3, beside: 2, or: 0, list: '42601' })
JS
