#!/usr/bin/env bash
# PgBouncer 1.24.1 (Debian trixie) with max_prepared_statements, PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17), pg 8.23.0.
# A good guess: after "cached plan must not change result type" a client prepares the statement under another name, as on
#   PostgreSQL itself, and all is well. A new connection to the pooler helps in any case.
# What happens: PgBouncer knows a statement by its text and types. Whatever name a client gives it, and from whichever of
#   its connections, the server gets the one that was prepared before the table changed, and every run fails until the
#   pooler's own connection to PostgreSQL ends (server_lifetime, an hour). Another text, if only by a comment, is planned.
# Seen: the old name, a new name and a new connection with a new name fail with 0A000; a comment behind the text helps.
# Needs Debian's apt and dpkg, which fetch PgBouncer with its libraries into the temporary folder.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_postgres
mkdir pooler
debian pgbouncer libc6 libcares2 libevent-2.1-7t64 libpam0g libssl3t64 libsystemd0 libcap2 libaudit1 zlib1g libzstd1 \
  libgcc-s1 libcap-ng0
[ "$(id -u)" != 0 ] || chown 65534:65534 pooler
cat >pooler.ini <<INI
[databases]
postgres = host=$PGHOST user=postgres
[pgbouncer]
listen_port = 6432
unix_socket_dir = $folder/pooler
auth_type = any
pool_mode = transaction
default_pool_size = 1
max_prepared_statements = 100
$([ "$(id -u)" != 0 ] || echo 'user = nobody')
INI
unpacked pgbouncer sbin/pgbouncer pooler.ini >pooler.log 2>&1 &
pooler=$!
trap 'kill "$pooler" || true; stop_all' EXIT
for _ in $(seq 100); do [ -S pooler/.s.PGSQL.6432 ] && break || sleep 0.1; done
script <<'JS'
import assert from 'node:assert/strict'
import pg from 'pg'

const direct = new pg.Client()
const open = async () => {
  const client = new pg.Client({ host: `${process.cwd()}/pooler`, port: 6432 })
  await client.connect()
  return client
}
await direct.connect()
const [one, other] = [await open(), await open()]
const run = (client, name, text = 'select * from things') =>
  client.query({ name, text }).then(({ fields }) => fields.length, (error) => error.code)

await direct.query('create table things (id int)')
const before = await run(one, 'old')
await direct.query('alter table things add column name text')
const seen = {
  before,
  oldName: await run(one, 'old'),
  newName: await run(one, 'new'),
  newConnection: await run(other, 'newer'),
  unnamed: await run(one, undefined),
  newText: await run(one, 'newest', 'select * from things -- again'),
}
for (const client of [one, other, direct]) await client.end()
console.log(seen)
assert.deepEqual(seen, {
  before: 1, oldName: '0A000', newName: '0A000', newConnection: '0A000', unnamed: 2, newText: 2,
})
JS
