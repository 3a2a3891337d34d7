#!/usr/bin/env bash
# @mikro-orm/postgresql 7.2.1, PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17).
# A good guess: a number in a `p.json()` column is a number where rows are sought by it and where they are sorted by it; a row
#   with a text or nothing in that place does not match, and a bigint is a number like any other.
# What happens: `{ meta: { price: { $gt: 5 } } }` compares numbers, `orderBy: { meta: { price: 'asc' } }` compares texts, so
#   the cheapest first are 10, 100, 2.5, 9. One row whose price is "on request" makes every search by a number fail, also
#   for other prices; a search by a bigint fails where any row has 2.5. So an item that somebody adds later ends a list
#   that worked.
# Seen: the order above; the error 22P02 of both searches.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install @mikro-orm/core@7.2.1 @mikro-orm/postgresql@7.2.1 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import { MikroORM, defineEntity, p } from '@mikro-orm/postgresql'

const item = defineEntity({ name: 'Item', tableName: 'item', properties: { id: p.integer().primary(), meta: p.json() } })
const orm = await MikroORM.init({ entities: [item], host: process.env.PGHOST, user: 'postgres', dbName: 'postgres' })
await orm.schema.create()
const add = async (...prices) => {
  const em = orm.em.fork()
  for (const price of prices) em.persist(em.create('Item', { meta: { price } }))
  await em.flush()
}
const cheapestFirst = { orderBy: { meta: { price: 'asc' } } }
const prices = (where, options) =>
  orm.em.fork().find('Item', where, options).then((items) => items.map(({ meta }) => meta.price), (error) => error.code)

const seen = {}
await add(9, 10, 100)
seen.bigint = await prices({ meta: { price: 9n } })
await add(2.5)
seen.above = await prices({ meta: { price: { $gt: 9 } } })
seen.sorted = await prices({}, cheapestFirst)
seen.bigintBesideAFraction = await prices({ meta: { price: 9n } })
await add('on request')
seen.besideAText = await prices({ meta: { price: 9 } })
await orm.close()
console.log(seen)
assert.deepEqual(seen, {
  bigint: [9],
  above: [10, 100],
  sorted: [10, 100, 2.5, 9],
  bigintBesideAFraction: '22P02',
  besideAText: '22P02',
})
JS
