#!/usr/bin/env bash
# @mikro-orm/postgresql 7.2.1, PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17).
# A good guess: `createQueryBuilder(Code).update(...).limit(1)` takes one of the free codes. PostgreSQL knows no such limit, so
#   the builder picks the id in a query of its own, or it throws.
# What happens: the limit and the order are left out of the statement without a word: all free codes are taken. `delete` with a
#   limit removes all that fit. Its types allow both.
# Seen: affectedRows 3 of 3 for update and delete with `.limit(1)`; the statements have no limit.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install @mikro-orm/core@7.2.1 @mikro-orm/postgresql@7.2.1 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import { MikroORM, defineEntity, p } from '@mikro-orm/postgresql'

const properties = { id: p.integer().primary(), buyer: p.integer().nullable() }
const Code = defineEntity({ name: 'Code', tableName: 'code', properties })
const orm = await MikroORM.init({ entities: [Code], host: process.env.PGHOST, user: 'postgres', dbName: 'postgres' })
await orm.schema.create()

/** How many of three free codes a statement takes that may take one, and what it is. */
async function taken(build) {
  await orm.em.getConnection().execute('truncate code; insert into code values (1, null), (2, null), (3, null)')
  const query = build(orm.em.fork().createQueryBuilder(Code)).orderBy({ id: 'asc' }).limit(1)
  const text = query.getQuery()
  return [(await query.execute('run')).affectedRows, text]
}
const seen = {
  update: await taken((query) => query.update({ buyer: 7 }).where({ buyer: null })),
  delete: await taken((query) => query.delete({ buyer: null })),
}
await orm.close()
console.log(seen)
assert.deepEqual(seen, {
  update: [3, 'update "code" set "buyer" = ? where "buyer" is null'],
  delete: [3, 'delete from "code" where "buyer" is null'],
})
JS
