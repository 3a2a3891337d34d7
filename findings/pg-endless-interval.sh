#!/usr/bin/env bash
# pg 8.23.0 and @mikro-orm/postgresql 7.2.1 (`p.interval()`) on PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17); intervals
#   have had an infinity since 17. postgres 3.4.9 (postgres.js) gives the text and does nothing of this.
# A good guess: a plan whose term is 'infinity' is read as something endless, or as a text, or with an error; what is written
#   back unchanged is what was there.
# What happens: pg reads it as an interval of nothing, `{}`, which `toPostgres()` calls 0 and `toISOString()` calls
#   P0Y0M0DT0H0M0S. MikroORM gives the same with seven zeros. Written back, without a word, a plan without an end is one that
#   is over at once. A `timestamptz` of infinity is the number Infinity, so one expects as much of an interval.
# Seen: for 'infinity' and '-infinity' alike what is said above; the column holds 00:00:00 after it was copied.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install pg@8.23.0 postgres@3.4.9 @mikro-orm/core@7.2.1 @mikro-orm/postgresql@7.2.1 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import { MikroORM, defineEntity, p } from '@mikro-orm/postgresql'
import pg from 'pg'
import postgres from 'postgres'

const client = new pg.Client()
await client.connect()
await client.query(`
  create table plan (id int primary key, term interval);
  insert into plan values (1, 'infinity'), (2, '-infinity')`)
const copied = async (id, term) => {
  const { rows } = await client.query('update plan set term = $2 where id = $1 returning term::text', [id, term])
  return rows[0].term
}
const seen = { pg: [], until: [], postgresJs: [] }
const tagged = postgres({ max: 1 })
for (const { term } of await tagged`select term from plan order by id`) seen.postgresJs.push(term)
await tagged.end()

const Plan = defineEntity({ name: 'Plan', tableName: 'plan', properties: { id: p.integer().primary(), term: p.interval() } })
const orm = await MikroORM.init({ entities: [Plan], host: process.env.PGHOST, user: 'postgres', dbName: 'postgres' })
const [endless] = await orm.em.fork().find(Plan, { id: 1 })
seen.mikroOrm = Object.values(endless.term).join(' ')
await orm.close()

const { rows } = await client.query('select id, term, now() + term as until from plan order by id')
for (const { id, term, until } of rows) {
  seen.pg.push([Object.keys(term).length, term.toPostgres(), term.toISOString(), await copied(id, term)].join(' '))
  seen.until.push(until)
}
await client.end()
console.log(seen)
const nothing = '0 0 P0Y0M0DT0H0M0S 00:00:00'
assert.deepEqual(seen, {
  pg: [nothing, nothing],
  until: [Infinity, -Infinity],
  postgresJs: ['infinity', '-infinity'],
  mikroOrm: '0 0 0 0 0 0 0',
})
JS
