#!/usr/bin/env bash
# @mikro-orm/postgresql 7.2.1, PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17).
# A good guess: `findByCursor` ordered by a time and then by the id, which makes the order unique, shows each row once,
#   forwards and backwards. A column that the library itself declares (`p.datetime()`, default now()) suits its own cursor.
# What happens: the column keeps microseconds and the cursor the milliseconds of a Date. Upwards, the last row of a page is
#   later than its own cursor and comes again: with pages shorter than what a millisecond brought, the same page comes for
#   ever, and an export never ends. Downwards, rows of the cursor's millisecond are skipped without a word: rows that one
#   statement wrote share a time exactly, and of those all are skipped that did not fit on the page. `p.datetime(3)` helps.
# Seen: of ten rows, 150 microseconds apart, in pages of three: upwards 1 2 3 again and again, downwards 10 9 8, 5 4 3; of ten
#   rows of one statement downwards the first three. With three digits all ten, both ways.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install @mikro-orm/core@7.2.1 @mikro-orm/postgresql@7.2.1 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import { MikroORM, defineEntity, p } from '@mikro-orm/postgresql'

const entity = (name, at) => {
  const properties = { id: p.integer().primary(), at: at.defaultRaw('now()'), note: p.text() }
  return defineEntity({ name, tableName: name.toLowerCase(), properties })
}
const entities = [entity('Apart', p.datetime()), entity('Together', p.datetime()), entity('Three', p.datetime(3))]
const orm = await MikroORM.init({ entities, host: process.env.PGHOST, user: 'postgres', dbName: 'postgres' })
await orm.schema.create()
const run = (sql) => orm.em.getConnection().execute(sql)
for (const name of ['apart', 'together', 'three'])
  await run(`insert into ${name} (at, note) select '2026-11-30 10:00:00.0001234+00', 'sale' from generate_series(1, 10)`)
await run(`update apart set at = at + id * interval '150 microseconds'`)

/** The ids of the first five pages of three. */
async function pages(name, direction) {
  const seen = []
  for (let after; seen.length < 5; ) {
    const orderBy = [{ at: direction }, { id: direction }]
    const page = await orm.em.fork().findByCursor(name, { orderBy, first: 3, after })
    seen.push(page.items.map(({ id }) => id).join(' '))
    if (!page.hasNextPage) break
    after = page.endCursor
  }
  return seen.join(', ')
}
const seen = {}
for (const { meta } of entities) seen[meta.className] = [await pages(meta.className, 'asc'), await pages(meta.className, 'desc')]
await orm.close()
console.log(seen)
assert.deepEqual(seen, {
  Apart: ['1 2 3, 1 2 3, 1 2 3, 1 2 3, 1 2 3', '10 9 8, 5 4 3, '],
  Together: ['1 2 3, 1 2 3, 1 2 3, 1 2 3, 1 2 3', '10 9 8, '],
  Three: ['1 2 3, 4 5 6, 7 8 9, 10', '10 9 8, 7 6 5, 4 3 2, 1'],
})
JS
