#!/usr/bin/env bash
# @mikro-orm/postgresql 7.2.1, PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17).
# A good guess: where an entity has a `version()`, every write by the library makes it grow, so that a flush of an older copy
#   is refused with an OptimisticLockError: `nativeUpdate`, which sees no entity, does it, and so does the query builder.
# What happens: `upsert` and `upsertMany` change the row and leave its version. A process that read the row before writes over
#   it without an error, and what the upsert wrote is lost.
# Seen: 10 left, one reads it and takes 1; meanwhile another sets 5. After upsert and upsertMany the flush is ok and 9 is stored;
#   after nativeUpdate, the query builder and a flush it is refused and 5 stays.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install @mikro-orm/core@7.2.1 @mikro-orm/postgresql@7.2.1 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import { MikroORM, defineEntity, p } from '@mikro-orm/postgresql'

const properties = { id: p.integer().primary(), left: p.integer(), version: p.integer().version() }
const Stock = defineEntity({ name: 'Stock', tableName: 'stock', properties })
const orm = await MikroORM.init({ entities: [Stock], host: process.env.PGHOST, user: 'postgres', dbName: 'postgres' })
await orm.schema.create()
const run = (sql) => orm.em.getConnection().execute(sql)

const writes = {
  upsert: (em) => em.upsert(Stock, { id: 1, left: 5 }),
  upsertMany: (em) => em.upsertMany(Stock, [{ id: 1, left: 5 }]),
  nativeUpdate: (em) => em.nativeUpdate(Stock, { id: 1 }, { left: 5 }),
  queryBuilder: (em) => em.createQueryBuilder(Stock).update({ left: 5 }).where({ id: 1 }).execute(),
  flush: async (em) => {
    const stock = await em.findOneOrFail(Stock, 1)
    stock.left = 5
    await em.flush()
  },
}
const seen = {}
for (const [name, write] of Object.entries(writes)) {
  await run('truncate stock; insert into stock values (1, 10, 1)')
  const before = orm.em.fork()
  const stock = await before.findOneOrFail(Stock, 1)
  stock.left -= 1
  await write(orm.em.fork())
  const flushed = await before.flush().then(() => 'ok', (error) => error.constructor.name)
  seen[name] = `${flushed} ${(await run('select "left" from stock'))[0].left}`
}
await orm.close()
console.log(seen)
assert.deepEqual(seen, {
  upsert: 'ok 9',
  upsertMany: 'ok 9',
  nativeUpdate: 'OptimisticLockError 5',
  queryBuilder: 'OptimisticLockError 5',
  flush: 'OptimisticLockError 5',
})
JS
