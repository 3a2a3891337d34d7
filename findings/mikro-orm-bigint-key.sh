#!/usr/bin/env bash
# @mikro-orm/postgresql 7.2.1.
# A good guess: a primary key `p.bigint()` without a default is a bigint column whose value the program gives (people's
#   ids of Telegram, for one): the schema is compared as `bigint not null`.
# What happens: a single bigint (or integer) key is taken for a sequence: the compared schema is `bigserial`, so a
#   hand-written table "differs" for ever, and an insert that forgets the id gets 1, 2, 3 instead of an error. A key of
#   two columns is taken as written. `.autoincrement(false)` says it.
# Seen: "id" bigserial; of two columns "a" bigint; with autoincrement(false) "id" bigint.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install @mikro-orm/core@7.2.1 @mikro-orm/postgresql@7.2.1 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import { MikroORM, defineEntity, p } from '@mikro-orm/postgresql'

const one = defineEntity({ name: 'One', tableName: 'one', properties: { id: p.bigint().primary(), note: p.text() } })
const two = defineEntity({ name: 'Two', tableName: 'two', properties: { a: p.bigint().primary(), b: p.bigint().primary() } })
const given = defineEntity({
  name: 'Given',
  tableName: 'given',
  properties: { id: p.bigint().primary().autoincrement(false), note: p.text() },
})
const orm = await MikroORM.init({ entities: [one, two, given], host: process.env.PGHOST, user: 'postgres', dbName: 'postgres' })
const sql = await orm.schema.getCreateSchemaSQL()
console.log(sql)
assert.match(sql, /create table "one" \("id" bigserial/)
assert.match(sql, /create table "two" \("a" bigint not null/)
assert.match(sql, /create table "given" \("id" bigint not null/)
await orm.schema.create()
const em = orm.em.fork()
const forgotten = em.create('One', { note: 'no id' })
await em.persist(forgotten).flush()
assert.equal(String(forgotten.id), '1')
await orm.close()
JS
