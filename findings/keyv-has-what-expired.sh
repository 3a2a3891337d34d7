#!/usr/bin/env bash
# keyv 5.6.0 with @keyv/postgres 2.2.3 (it asks for keyv 5) on PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17), in memory.
# A good guess: after its time to live a key is gone for `has` as it is for `get`, whatever the store: `if (await seen.has(id))`
#   lets the same purchase through an hour later.
# What happens: keyv writes the moment of expiry into the value, and the adapter's own `has` and `hasMany` only look whether
#   the row is there. So on PostgreSQL an expired key is had for ever, as nothing but a `get` of that very key removes it:
#   who only asks `has` refuses it for good, and who looks closer with `get` has repaired it by looking. In memory, where
#   tests run, `has` knows the expiry.
# Seen of a key with 100 ms to live and one without, later: memory has false, hasMany false true; PostgreSQL has true,
#   hasMany true true, one hundred `has` and a `set` of the other key later still true; get undefined, and then has false.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install keyv@5.6.0 @keyv/postgres@2.2.3 embedded-postgres@18.4.0-beta.17
start_postgres
script <<'JS'
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { KeyvPostgres } from '@keyv/postgres'
import { Keyv } from 'keyv'

const uri = `postgresql:///postgres?host=${process.env.PGHOST}&user=postgres`
const stores = { memory: new Map(), postgres: new KeyvPostgres({ uri }) }
const seen = {}
for (const [name, store] of Object.entries(stores)) {
  const keyv = new Keyv({ store, namespace: 'purchases' }).on('error', (error) => assert.fail(error))
  await keyv.set('soon', 1, 100)
  await keyv.set('never', 1)
  const at = { before: await keyv.has('soon') }
  await sleep(300)
  at.has = await keyv.has('soon')
  at.hasMany = (await keyv.hasMany(['soon', 'never'])).join(' ')
  for (let times = 0; times < 100; times++) await keyv.has('soon')
  await keyv.set('never', 2)
  at.later = await keyv.has('soon')
  at.get = await keyv.get('soon')
  at.hasAfterGet = await keyv.has('soon')
  await keyv.disconnect()
  seen[name] = at
}
console.log(seen)
assert.deepEqual(seen, {
  memory: { before: true, has: false, hasMany: 'false true', later: false, get: undefined, hasAfterGet: false },
  postgres: { before: true, has: true, hasMany: 'true true', later: true, get: undefined, hasAfterGet: false },
})
JS
