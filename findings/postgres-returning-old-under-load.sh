#!/usr/bin/env bash
# PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17), pg 8.23.0. Since 18 `returning` knows `old` and `new`.
# A good guess: `update wallets set balance = balance + 1 returning old.balance, new.balance` gives the two ends of this
#   one step, whoever writes beside it: who had to wait for another transaction is told what that one left. A trigger that
#   sets `changed_at` has no part in it.
# What happens: with any row trigger BEFORE UPDATE on the table, also one of a column that is not written, `old` is the
#   row as it was when the statement began, though `new` was computed from what the other left. The difference of the two
#   holds both steps, so a log or an event that is written from it counts the other's money twice. The trigger itself is
#   given the right `old`. Without the trigger, with one AFTER, by `on conflict do update` and by `merge` it is right,
#   also where `merge` does the same update. A test with one connection never shows it.
# Seen: 10, plus 90 by the other, plus 1: old 10 and new 101 with the trigger, old 100 and new 101 in all other ways.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import pg from 'pg'

const [other, waiter] = [new pg.Client(), new pg.Client()]
await other.connect()
await waiter.connect()
await other.query(`create function touch() returns trigger language plpgsql as $$ begin
  new.changed_at := clock_timestamp();
  new.step := new.balance - old.balance;
  return new;
end $$`)
const waiterWaits = async () =>
  (await other.query(`select from pg_stat_activity where pid = ${waiter.processID} and wait_event_type = 'Lock'`)).rowCount > 0

/** What `old` and `new` are for a statement that has to wait for another one. */
async function steps(trigger, statement) {
  await other.query(`
    drop table if exists wallets;
    create table wallets (id int primary key, balance int, changed_at timestamptz, step int);
    insert into wallets values (1, 10)`)
  if (trigger) await other.query(`create trigger touch ${trigger} on wallets for each row execute function touch()`)
  await other.query('begin')
  await other.query('update wallets set balance = balance + 90')
  const answer = waiter.query(statement)
  while (!(await waiterWaits())) await new Promise((resolve) => setTimeout(resolve, 20))
  await other.query('commit')
  const [{ before, after }] = (await answer).rows
  return [before, after]
}
const returning = 'returning old.balance as before, new.balance as after'
const update = `update wallets set balance = balance + 1 where id = 1 ${returning}`
const seen = {
  before: await steps('before update', update),
  column: await steps('before update of changed_at', update),
  trigger: await steps('before update', update.replace('old.balance', 'new.balance - new.step')),
  none: await steps('', update),
  after: await steps('after update', update),
  conflict: await steps('before update', `insert into wallets values (1, 1)
    on conflict (id) do update set balance = wallets.balance + excluded.balance ${returning}`),
  merge: await steps('before update', `merge into wallets using (values (1)) as v (of) on id = of
    when matched then update set balance = balance + 1 ${returning}`),
}
await other.end()
await waiter.end()
console.log(seen)
const right = [100, 101]
const stale = [10, 101]
assert.deepEqual(seen, { before: stale, column: stale, trigger: right, none: right, after: right, conflict: right, merge: right })
JS
