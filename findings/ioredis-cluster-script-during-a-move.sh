#!/usr/bin/env bash
# ioredis 6.0.0's Cluster and Redis 7.0.15 while a slot moves from one node to another.
# A good guess: keys with one hash tag are always on one node, so a script that names one of them may use the others, as
#   queues on Redis do; the client follows ASK, so moving a slot under load is safe.
# What happens: the node that still has the slot answers ASK because the key that the script names does not exist. The
#   client runs the script at the new node, where it makes the list anew: one list in two halves. Then MIGRATE fails with
#   BUSYKEY, and the slot stands between the nodes until somebody merges the lists by hand.
# Seen: five items at the old node, the sixth at the new one, BUSYKEY.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install ioredis@6.0.0
script <<'JS'
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Cluster, Redis } from 'ioredis'

const ports = [18431, 18432]
const servers = ports.map((port) => {
  mkdirSync(`${process.cwd()}/${port}`)
  return spawn('redis-server', ['--port', port, '--bind', '127.0.0.1', '--cluster-enabled', 'yes', '--cluster-port', port + 100,
    '--save', '', '--dir', `${process.cwd()}/${port}`], { stdio: 'ignore' })
})
process.on('exit', () => servers.forEach((server) => server.kill()))
const [from, to] = ports.map((port) => new Redis(port).on('error', () => {}))
await to.cluster('SET-CONFIG-EPOCH', 2)
await from.cluster('ADDSLOTS', ...Array.from({ length: 16_384 }, (_, slot) => slot))
await from.call('CLUSTER', 'MEET', '127.0.0.1', ports[1], ports[1] + 100)
for (const node of [from, to])
  while (!/cluster_state:ok[^]*known_nodes:2/.test(await node.cluster('INFO'))) await sleep(50)
const [fromId, toId, slot] = [await from.cluster('MYID'), await to.cluster('MYID'), await from.cluster('KEYSLOT', 'tag')]

const client = new Cluster([{ port: ports[0] }])
client.defineCommand('add', { numberOfKeys: 1, lua: `return redis.call('LPUSH', KEYS[1] .. ':waiting', ARGV[1])` })
for (let item = 1; item <= 5; item++) await client.add('{tag}', item)
await to.cluster('SETSLOT', slot, 'IMPORTING', fromId)
await from.cluster('SETSLOT', slot, 'MIGRATING', toId)
const length = await client.add('{tag}', 6)
const old = await from.lrange('{tag}:waiting', 0, -1)
const moved = await from.call('MIGRATE', '127.0.0.1', ports[1], '{tag}:waiting', 0, 5_000).catch((error) => error.message)
console.log({ length, old, moved })
assert.deepEqual([length, old.length], [1, 5])
assert.match(moved, /BUSYKEY/)
process.exit(0)
JS
