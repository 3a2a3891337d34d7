#!/usr/bin/env bash
# drizzle-orm 0.45.4 with pg 8.23.0 on PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17).
# A good guess: a column declared as `bigint({ mode: 'bigint' })` or `numeric()` keeps all digits wherever its row comes
#   from, as the types promise: in a query of its table and as a nested row of `with`.
# What happens: nested rows travel as JSON, which is parsed to JavaScript numbers first and made a bigint or a text then.
#   So ids beyond 2 ** 53 are those of another row, and amounts are rounded, under types that say that they are exact. A
#   time in mode 'string' is written in another way than in its own table.
# Seen: 9007199254740993n in its table, 9007199254740992n nested; '12345678901234567.89' and '12345678901234568'.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install drizzle-orm@0.45.4 pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import { relations } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { bigint, integer, numeric, pgTable, timestamp } from 'drizzle-orm/pg-core'
import pg from 'pg'

const people = pgTable('people', { id: integer().primaryKey() })
const sales = pgTable('sales', {
  id: bigint({ mode: 'bigint' }).primaryKey(),
  person: integer(),
  amount: numeric(),
  at: timestamp({ withTimezone: true, mode: 'string' }),
})
const ofPeople = relations(people, ({ many }) => ({ sales: many(sales) }))
const ofSales = relations(sales, ({ one }) => ({ buyer: one(people, { fields: [sales.person], references: [people.id] }) }))
const pool = new pg.Pool({ options: '-c timezone=utc' })
await pool.query(`
  create table people (id int primary key);
  create table sales (id bigint primary key, person int, amount numeric, at timestamptz);
  insert into people values (1);
  insert into sales values (9007199254740993, 1, 12345678901234567.89, '2026-11-30 10:00:00+00')`)
const db = drizzle(pool, { schema: { people, sales, ofPeople, ofSales } })
const straight = await db.query.sales.findFirst()
const [nested] = (await db.query.people.findFirst({ with: { sales: true } })).sales
await pool.end()
console.log({ straight, nested })
assert.deepEqual(straight, { id: 9007199254740993n, person: 1, amount: '12345678901234567.89', at: '2026-11-30 10:00:00+00' })
assert.deepEqual(nested, { id: 9007199254740992n, person: 1, amount: '12345678901234568', at: '2026-11-30T10:00:00+00:00' })
JS
