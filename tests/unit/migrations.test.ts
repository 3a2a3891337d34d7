import { describe, expect, test } from 'vitest'
import { migrations } from '../../migrations/index.ts'
import { breaksRunningVersion } from '../lib/migration-check.ts'
import type { Rule } from '../lib/migration-check.ts'

/** Migrations up to this one ran before there was a running version to break. */
const LAST_OF_THE_FIRST_RELEASE = '0054-jobs-of-a-bot'

const rules = (sql: string, transactional = true) =>
  breaksRunningVersion([sql], transactional).map(({ rule }) => rule)

describe('migrations of a system that runs', () => {
  const first = migrations.findIndex(({ name }) => name === LAST_OF_THE_FIRST_RELEASE)
  const later = migrations.slice(first + 1)

  test('F37 no migration after the first release breaks the version that runs meanwhile', async () => {
    expect(first).toBeGreaterThan(0)
    const broken: string[] = []
    for (const { name, class: Migration } of later) {
      const migration = new Migration(undefined as never, undefined as never)
      migration.up()
      const queries = migration.getQueries().map(String)
      for (const { rule, statement, says } of breaksRunningVersion(queries, migration.isTransactional())) {
        broken.push(`${name}, ${rule}: ${statement} — ${says}`)
      }
    }
    expect(broken).toEqual([])
  })

  test.each<[string, Rule]>([
    ['drop table payments', 'drop'],
    ['alter table orders drop column details', 'drop'],
    ['ALTER TABLE orders\n  DROP details', 'drop'],
    ['alter table orders add column a text, drop column card', 'drop'],
    ['alter table if exists only public.orders rename to purchases', 'rename'],
    ['alter table orders rename column good to article', 'rename'],
    ["alter type order_state rename value 'a' to 'b'", 'rename'],
    ['alter table orders alter column price type numeric', 'type'],
    ['alter table orders alter price set data type text', 'type'],
    ['alter table orders add column sum bigint generated always as (price * 2) stored', 'type'],
    ['alter table orders alter column card set not null', 'not-null'],
    ['alter table orders add column note text not null', 'not-null'],
    ['alter table orders alter column details drop default', 'drop-default'],
    ['alter table orders add constraint positive check (price > 0)', 'constraint'],
    ['alter table orders add foreign key (bot) references bots (name)', 'constraint'],
    ['alter table orders add constraint one unique (id, bot)', 'index'],
    ['create index orders_bot_index on orders (bot)', 'index'],
    ['create unique index if not exists x on public.orders (bot)', 'index'],
    ['create index concurrently x on orders (bot)', 'transaction'],
    ["update orders set details = '{}'", 'backfill'],
    ['delete from handled_updates', 'backfill'],
    ['drop index orders_bot_index', 'drop-key'],
    ['drop trigger entries_balance on entries', 'drop'],
    ['create trigger orders_note after insert on orders for each row execute function f()', 'trigger'],
    ['alter table entries disable trigger all', 'trigger'],
    ["with late as (select id from orders) update orders set details = '{}' from late", 'backfill'],
    ["do $$ begin update orders set details = '{}'; end $$", 'unread'],
    ['lock table orders', 'lock'],
    ['truncate orders', 'lock'],
  ])('F37 refuses: %s', (sql, rule) => {
    expect(rules(sql)).toEqual([rule])
  })

  test.each([
    'alter table orders add column note text',
    "alter table orders add column note text not null default 'none'",
    'alter table orders add constraint positive check (price > 0) not valid',
    'alter table orders validate constraint positive',
    'alter table orders drop constraint positive',
    'alter table orders alter column card drop not null',
    'alter table orders add constraint one unique using index one_index',
    'create table notes (id int primary key, text text not null); create index notes_text_index on notes (text)',
    'create function f() returns trigger language plpgsql as $body$ begin update orders set price = 1; end $body$',
    'create table notes (id int); create trigger n after insert on notes for each row execute function f()',
    "insert into bots (name) values ('drop table orders; lock')",
    'create index x on orders (bot) -- allow index: a table of a hundred rows',
  ])('lets through: %s', (sql) => {
    expect(rules(sql)).toEqual([])
  })

  test('an index built beside the traffic is let through alone, outside a transaction', () => {
    const index = 'create index concurrently x on orders (bot)'
    expect(rules(index, false)).toEqual([])
    expect(rules(`drop index concurrently if exists x; ${index}`, false)).toEqual([])
    expect(rules(`${index}; alter table orders add column a text`, false)).toEqual(['mixed'])
  })

  test('a comment allows the rule that it names, with a reason, and no other', () => {
    expect(rules('drop table notes -- allow drop: nobody has read it since 0.1')).toEqual([])
    expect(rules('drop table notes -- allow index: the wrong rule')).toEqual(['drop'])
    expect(rules('drop table notes -- allow drop:')).toEqual(['drop'])
  })
})
