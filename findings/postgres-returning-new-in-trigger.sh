#!/usr/bin/env bash
# PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17). Since 18 `returning` knows the words `old` and `new`.
# A good guess: trigger functions that were written for 17 go on working; in them `new` is the row of the trigger, as
#   everywhere else in the function.
# What happens: in `update totals ... returning new.amount into x` of a trigger function `new` is now two things, the
#   trigger's row and the row of totals, so the first write that fires the trigger is refused as ambiguous (42702).
#   `create function` takes it without a word, so a migration or a restored dump passes. Where the table that is updated
#   has no such column, `new` still means the trigger's row. `returning with (old as was, new as now)` gives `new` back
#   to the trigger.
# Seen: 'column reference "new.amount" is ambiguous'; 5 for a column that totals lacks; 5 with names of its own.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import pg from 'pg'

const client = new pg.Client()
await client.connect()
/** What the trigger of sales tells, when a sale of 5 is written and totals are at 100. */
async function told(returning) {
  await client.query(`
    drop table if exists sales, totals, told;
    create table sales (amount int, fee int);
    create table totals (amount int);
    create table told (value int);
    insert into totals values (100);
    create or replace function add_up() returns trigger language plpgsql as $$ declare x int; begin
      update totals set amount = totals.amount + new.amount returning ${returning} into x;
      insert into told values (x);
      return new;
    end $$;
    create trigger add_up after insert on sales for each row execute function add_up();`)
  try {
    await client.query('insert into sales values (5, 5)')
  } catch (error) {
    return `${error.code} ${error.message}`
  }
  return (await client.query('select value from told')).rows[0].value
}
const seen = {
  plain: await told('new.amount'),
  'not in totals': await told('new.fee'),
  renamed: await told('with (old as was, new as now) new.amount'),
}
console.log(seen)
assert.deepEqual(seen, {
  plain: '42702 column reference "new.amount" is ambiguous',
  'not in totals': 5,
  renamed: 5,
})
await client.end()
JS
