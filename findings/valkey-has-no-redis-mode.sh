#!/usr/bin/env bash
# Valkey 8.1.1 (Debian trixie; 9.1.2 of sid does the same), its INFO; redis-info 3.1.0, which reads it for boards of queues.
# A good guess: for its clients' sake Valkey keeps the fields of Redis's INFO, and adds server_name and valkey_version. So
#   redis_mode says "cluster" of a cluster's node, and redis_version is a version that features can be told by.
# What happens: redis_version stays and is 7.2.4 in every release; redis_mode is called server_mode. Who asks "is this a
#   cluster?" the usual way takes a node for a server that keeps all keys, and who wants 7.4 for HEXPIRE refuses Valkey 9, which
#   has it. With `extended-redis-compatibility yes` the mode has its old name again.
# Seen: the fields below, of a cluster's node.
# Needs Debian's apt and dpkg, which fetch Valkey with its libraries into the temporary folder.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install ioredis@6.0.0 redis-info@3.1.0
mkdir data
debian valkey-tools libc6 libatomic1 libjemalloc2 liblzf1 libssl3t64 libsystemd0 libcap2 zlib1g libzstd1 libgcc-s1 libstdc++6
# A node of a cluster must have a port.
port=$((20000 + RANDOM % 9000))
unpacked valkey-server bin/valkey-check-rdb --port "$port" --bind 127.0.0.1 --cluster-enabled yes --cluster-port $((port + 10000)) \
  --unixsocket "$folder/valkey.sock" --dir data --save '' >valkey.log 2>&1 &
valkey=$!
trap 'kill "$valkey" || true; stop_all' EXIT
for _ in $(seq 100); do [ -S valkey.sock ] && break || sleep 0.1; done
script <<'JS'
import assert from 'node:assert/strict'
import { Redis } from 'ioredis'
import { parse } from 'redis-info'

const node = new Redis({ path: 'valkey.sock' })
const fields = async () => {
  const { redis_version, valkey_version, redis_mode, server_mode, cluster_enabled } = parse(await node.info())
  return { redis_version, valkey_version: /^\d/.test(valkey_version), redis_mode, server_mode, cluster_enabled }
}
const seen = { usual: await fields() }
await node.config('SET', 'extended-redis-compatibility', 'yes')
seen.compatible = await fields()
node.disconnect()
console.log(seen)
const both = { redis_version: '7.2.4', valkey_version: true, cluster_enabled: '1' }
assert.deepEqual(seen, {
  usual: { ...both, redis_mode: undefined, server_mode: 'cluster' },
  compatible: { ...both, redis_mode: 'cluster', server_mode: undefined },
})
JS
