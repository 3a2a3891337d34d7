#!/usr/bin/env bash
# @mikro-orm/postgresql 7.2.1, PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17).
# A good guess: `upsertMany([{ id: 1, name }, { id: 2, price }])` changes the name of the first and the price of the second, as
#   two calls of `upsert` do; rows of unlike keys are allowed by its types.
# What happens: the columns that are written come from the first row alone. The second row's price is dropped, and its
#   name, which nobody gave, becomes the default of the column. The objects that come back do not show it: they have the old
#   price and no name. Turned round, the new name is dropped and the price of that row becomes the default.
# Seen: of ('pen', 5) and ('cup', 6) it leaves ('biro', 5) and ('unnamed', 6), turned round ('pen', 100) and ('cup', 9); two
#   upserts leave ('biro', 5) and ('cup', 9).
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install @mikro-orm/core@7.2.1 @mikro-orm/postgresql@7.2.1 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import { MikroORM, defineEntity, p } from '@mikro-orm/postgresql'

const properties = { id: p.integer().primary(), name: p.text().default('unnamed'), price: p.integer().default(100) }
const Item = defineEntity({ name: 'Item', tableName: 'item', properties })
const orm = await MikroORM.init({ entities: [Item], host: process.env.PGHOST, user: 'postgres', dbName: 'postgres' })
await orm.schema.create()
const run = (sql) => orm.em.getConnection().execute(sql)

/** What is stored of both items after `write`. */
async function stored(write) {
  await run(`truncate item; insert into item values (1, 'pen', 5), (2, 'cup', 6)`)
  await write(orm.em.fork())
  return (await run('select name, price from item order by id')).map(({ name, price }) => `${name} ${price}`).join(', ')
}
const [named, priced] = [
  { id: 1, name: 'biro' },
  { id: 2, price: 9 },
]
let returned
const seen = {
  together: await stored(async (em) => (returned = await em.upsertMany(Item, [named, priced]))),
  turned: await stored((em) => em.upsertMany(Item, [priced, named])),
  oneByOne: await stored(async (em) => {
    for (const row of [named, priced]) await em.upsert(Item, row)
  }),
}
seen.returned = JSON.stringify(returned[1])
await orm.close()
console.log(seen)
assert.deepEqual(seen, {
  together: 'biro 5, unnamed 6',
  turned: 'pen 100, cup 9',
  oneByOne: 'biro 5, cup 9',
  returned: '{"id":2,"price":6}',
})
JS
