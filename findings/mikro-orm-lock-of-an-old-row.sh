#!/usr/bin/env bash
# MikroORM 7.2.1 on PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17).
# A good guess: `em.lock(wallet, LockMode.PESSIMISTIC_WRITE)` waits until the row is ours and gives it as it is then, as
#   `findOne` with a `lockMode` does; what is computed from it under the lock is safe.
# What happens: the row is locked in the database, and the object keeps what was read before the lock, although the
#   statement waited for somebody's change. The flush writes what was computed from the old value: of two payments one is
#   lost, with a lock and without an error. `findOne` with a `lockMode` refreshes an object that is loaded already;
#   `em.refresh` after the lock does so too. A lock right after loading looks right in every test with one user.
# Seen: 100, twice 30 taken at a time: 70 left by `lock`, 40 by `findOne`, 40 by `lock` and `refresh`.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install @mikro-orm/core@7.2.1 @mikro-orm/postgresql@7.2.1 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import { LockMode, MikroORM, defineEntity, p } from '@mikro-orm/postgresql'

const Wallet = defineEntity({ name: 'Wallet', properties: { id: p.integer().primary(), balance: p.integer() } })
const orm = await MikroORM.init({ entities: [Wallet], host: process.env.PGHOST, user: 'postgres', dbName: 'postgres' })
await orm.schema.create()
const run = (sql) => orm.em.getConnection().execute(sql)
const lockMode = LockMode.PESSIMISTIC_WRITE
const ways = {
  lock: (em, wallet) => em.lock(wallet, lockMode),
  findOne: (em) => em.findOne(Wallet, 1, { lockMode }),
  refreshed: async (em, wallet) => {
    await em.lock(wallet, lockMode)
    await em.refresh(wallet)
  },
}
const seen = {}
for (const [name, own] of Object.entries(ways)) {
  await run('delete from wallet; insert into wallet values (1, 100)')
  let loaded = 0
  let go
  const bothLoaded = new Promise((resolve) => (go = resolve))
  const take = () =>
    orm.em.fork().transactional(async (em) => {
      const wallet = await em.findOneOrFail(Wallet, 1)
      if (++loaded === 2) go()
      await bothLoaded
      await own(em, wallet)
      wallet.balance -= 30
    })
  await Promise.all([take(), take()])
  seen[name] = (await run('select balance from wallet'))[0].balance
}
await orm.close()
console.log(seen)
assert.deepEqual(seen, { lock: 70, findOne: 40, refreshed: 40 })
JS
