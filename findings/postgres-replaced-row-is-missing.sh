#!/usr/bin/env bash
# PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17), isolation `read committed`, pg 8.23.0.
# A good guess: a transaction deletes the plan with the key 1 and inserts it anew with another price, as ORMs and imports
#   do with whole lists. At every moment there is one plan 1 for everybody else, so who has to wait for that transaction
#   finds the new one, as it finds the new price after an update.
# What happens: who waits has the old row in hand; when it is gone, the statement goes on without it and does not look for
#   another one of the same key. `update`, `delete` and `select ... for update` by the key find nothing, which programs
#   show as "no such plan"; a foreign key refuses a line of the plan (23503), though the plan is there before and after;
#   `merge` takes the plan for missing and fails by its own insert (23505). `on conflict do update` alone begins anew and
#   finds it. A plain `select` does not wait and sees the old one.
# Seen: 0 rows three times, 23503, 23505; 13 by `on conflict`; and after an update, even one that moves the key away and
#   back, the new one everywhere.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import pg from 'pg'

const [importer, shop] = [new pg.Client(), new pg.Client()]
await importer.connect()
await shop.connect()
const shopWaits = async () =>
  (await importer.query(`select from pg_stat_activity where pid = ${shop.processID} and wait_event_type = 'Lock'`)).rowCount > 0

const statements = {
  update: 'update plans set price = price + 1 where id = 1 returning price',
  lock: 'select price from plans where id = 1 for update',
  remove: 'delete from plans where id = 1 returning price',
  line: 'insert into lines values (1) returning plan',
  merge: `merge into plans using (values (1)) as v (of) on id = of when matched then update set price = price + 1
    when not matched then insert values (of, 7) returning price`,
  conflict: 'insert into plans values (1, 7) on conflict (id) do update set price = plans.price + 1 returning price',
}
/** What each statement says that has to wait for this change of plan 1. */
async function waiting(change) {
  const seen = {}
  for (const [name, statement] of Object.entries(statements)) {
    await importer.query(`
      drop table if exists lines, plans;
      create table plans (id int primary key, price int);
      create table lines (plan int references plans);
      insert into plans values (1, 10)`)
    await importer.query('begin')
    await importer.query(change)
    const answer = shop.query(statement).then(({ rows }) => (rows[0] ? Object.values(rows[0])[0] : 'nothing'), ({ code }) => code)
    while (!(await shopWaits())) await new Promise((resolve) => setTimeout(resolve, 20))
    await importer.query('commit')
    seen[name] = await answer
  }
  return seen
}
const replaced = await waiting('delete from plans where id = 1; insert into plans values (1, 12)')
// A change of the key too, so that a new line has to wait as well.
const updated = await waiting('update plans set id = 2 where id = 1; update plans set id = 1, price = 12 where id = 2')
await importer.end()
await shop.end()
console.log({ replaced, updated })
assert.deepEqual(replaced, { update: 'nothing', lock: 'nothing', remove: 'nothing', line: '23503', merge: '23505', conflict: 13 })
assert.deepEqual(updated, { update: 13, lock: 12, remove: 12, line: 1, merge: 13, conflict: 13 })
JS
