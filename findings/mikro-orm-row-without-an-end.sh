#!/usr/bin/env bash
# @mikro-orm/postgresql 7.2.1, PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17).
# A good guess: a row whose `until` is 'infinity' can be read, and a flush writes what was changed: nothing of a row that was
#   only looked at. If the library cannot hold such a time, it says so when it reads the row.
# What happens: it is read as a Date that is none, and NaN is never equal to NaN, so the row counts as changed for ever. Every
#   later flush of this entity manager throws, also where another row was changed; the transaction is undone. One
#   endless row of a list ends all writing of the entity managers that read the list. As JSON the end is null. A date after
#   the year 275760, which PostgreSQL has and JavaScript has not, does the same. Reading without this column (`fields`)
#   helps.
# Seen: "Invalid time value" at the flush of an endless row that was only read, and of its neighbour's new name; ok by `fields`.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install @mikro-orm/core@7.2.1 @mikro-orm/postgresql@7.2.1 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import { MikroORM, defineEntity, p } from '@mikro-orm/postgresql'

const properties = { id: p.integer().primary(), name: p.text(), until: p.datetime() }
const Plan = defineEntity({ name: 'Plan', tableName: 'plan', properties })
const orm = await MikroORM.init({ entities: [Plan], host: process.env.PGHOST, user: 'postgres', dbName: 'postgres' })
await orm.schema.create()
const run = (sql) => orm.em.getConnection().execute(sql)

/** What the flush says after `use`, beside a neighbour that can be stored. */
async function flushed(until, use) {
  await run(`truncate plan; insert into plan values (1, 'endless', '${until}'), (2, 'monthly', '2026-12-01')`)
  const em = orm.em.fork()
  await use(em)
  return em.flush().then(() => 'ok', (error) => error.message)
}
const look = (em) => em.findOne(Plan, 1)
const renameNeighbour = async (em) => ((await em.find(Plan, {}, { orderBy: { id: 1 } }))[1].name = 'weekly')
const withoutUntil = async (em) => ((await em.findOne(Plan, 1, { fields: ['name'] })).name = 'forever')
const seen = {
  look: await flushed('infinity', look),
  renameNeighbour: await flushed('infinity', renameNeighbour),
  stored: (await run('select name from plan where id = 2'))[0].name,
  far: await flushed('294276-12-31', renameNeighbour),
  withoutUntil: await flushed('infinity', withoutUntil),
  nearer: await flushed('2099-01-01', renameNeighbour),
}
await run(`update plan set until = 'infinity'`)
seen.endlessJson = JSON.stringify(await orm.em.fork().findOne(Plan, 2))
await orm.close()
console.log(seen)
assert.deepEqual(seen, {
  look: 'Invalid time value',
  renameNeighbour: 'Invalid time value',
  stored: 'monthly',
  far: 'Invalid time value',
  withoutUntil: 'ok',
  nearer: 'ok',
  endlessJson: '{"id":2,"name":"weekly","until":null}',
})
JS
