#!/usr/bin/env bash
# PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17), isolation `read committed`, pg 8.23.0.
# A good guess: one statement sees one moment. `update orders set total = amount * rate from rates ...` beside a
#   transaction that changes amount and rate together gives the total of before or the total of after.
# What happens: where the statement waits for the order, it takes the order of after and the rate of before, a pair that
#   nobody ever committed; a sub-select and `merge` do the same. The total stays in the table. A rate that is locked as
#   well (`for share`, in a CTE before the update) is that of after, and so is one that a second statement reads. In
#   `repeatable read` it is 40001.
# Seen: 5 times 100 becomes 7 times 200; totals of 700 by join, sub-select and merge; 1400 with the lock; 40001.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import pg from 'pg'

const [office, shop] = [new pg.Client(), new pg.Client()]
await office.connect()
await shop.connect()
await office.query(`
  create table rates (asset text primary key, rate int);
  create table orders (id int primary key, asset text, amount int, total int)`)
const shopWaits = async () =>
  (await office.query(`select from pg_stat_activity where pid = ${shop.processID} and wait_event_type = 'Lock'`)).rowCount > 0

/** The total by a statement that has to wait for a change of the amount and the rate. */
async function total(statement, isolation = 'read committed') {
  await office.query(`truncate rates, orders; insert into rates values ('EUR', 100); insert into orders values (1, 'EUR', 5, 0)`)
  await office.query('begin; update rates set rate = 200; update orders set amount = 7')
  await shop.query(`begin isolation level ${isolation}`)
  const answer = shop.query(`${statement} returning total`).then(({ rows }) => rows[0].total, ({ code }) => code)
  while (!(await shopWaits())) await new Promise((resolve) => setTimeout(resolve, 20))
  await office.query('commit')
  const said = await answer
  await shop.query('rollback')
  return said
}
const join = 'update orders o set total = amount * r.rate from rates r where r.asset = o.asset and o.id = 1'
const seen = {
  join: await total(join),
  select: await total('update orders o set total = amount * (select rate from rates r where r.asset = o.asset) where id = 1'),
  merge: await total(`merge into orders o using rates r on r.asset = o.asset and o.id = 1
    when matched then update set total = amount * r.rate`),
  locked: await total(`with r as (select * from rates where asset = 'EUR' for share) ${join.replace('rates r', 'r')}`),
  repeatable: await total(join, 'repeatable read'),
}
await office.end()
await shop.end()
console.log(seen)
assert.deepEqual(seen, { join: 700, select: 700, merge: 700, locked: 1400, repeatable: '40001' })
JS
