#!/usr/bin/env bash
# kysely 0.29.9 (0.29.6 does the same) with pg 8.23.0 on PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17).
# A good guess: a builder keeps the shape that was built. `eb('total', '-', eb('paid', '-', 'refunded'))` takes the
#   difference from the total, as `not(a or b)` and `eb.or` inside of `where` are put into parentheses.
# What happens: an expression inside of an arithmetic one is written without parentheses, so the database's precedence
#   decides: total - paid - refunded. A sum that is multiplied becomes a product that is added, `neg` of a sum negates its
#   first part, and the `limit` of a query whose union is taken moves to the end and limits the union. All are valid SQL
#   of the same type. `eb.parens` around each part helps; nothing tells where it is missing.
# Seen: 50 for 100 - (40 - 10), 120 for (100 + 10) * 2, -90 for -(100 + 10); 70 with `eb.parens`; 1 row instead of 4 of a
#   union.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install kysely@0.29.9 pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'

const pool = new pg.Pool()
await pool.query(`
  create table sales (total int, paid int, refunded int);
  insert into sales values (100, 40, 10);
  create table old_sales (total int);
  insert into old_sales values (1), (2), (3)`)
const db = new Kysely({ dialect: new PostgresDialect({ pool }) })
const { left, sum, negative, parens } = await db
  .selectFrom('sales')
  .select((eb) => {
    const of = (one, sign, other) => eb(eb.ref(one), sign, eb.ref(other))
    const rest = of('paid', '-', 'refunded')
    return [
      eb('total', '-', rest).as('left'),
      eb(of('total', '+', 'refunded'), '*', 2).as('sum'),
      eb.neg(of('total', '+', 'refunded')).as('negative'),
      eb('total', '-', eb.parens(rest)).as('parens'),
    ]
  })
  .executeTakeFirstOrThrow()
const one = db.selectFrom('sales').select('total').limit(1)
const union = await one.unionAll(db.selectFrom('old_sales').select('total')).execute()
await db.destroy()
const seen = { left, sum, negative, parens, union: union.length }
console.log(seen)
assert.deepEqual(seen, { left: 50, sum: 120, negative: -90, parens: 70, union: 1 })
JS
