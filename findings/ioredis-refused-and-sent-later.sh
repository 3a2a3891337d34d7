#!/usr/bin/env bash
# ioredis 6.0.0 on a Redis that is away for a moment.
# A good guess: a command that `commandTimeout` gave up while there was no connection was never sent, so it never will
#   be; the caller that was refused may try again.
# What happens: the call rejects with "Command timed out" and stays in the offline queue. When Redis is back it is sent:
#   an INCR that was tried three times counts three, an XADD or a job stands three times. With `enableOfflineQueue: false`
#   nothing is kept.
# Seen: three refusals, then 3; without the queue three refusals and null.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install ioredis@6.0.0
script <<'JS'
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'

const path = `${process.cwd()}/redis.sock`
const options = { path, commandTimeout: 200, maxRetriesPerRequest: null, retryStrategy: () => 100 }
const open = (more) => new Redis({ ...options, ...more }).on('error', () => {})
const clients = { queue: open(), 'no queue': open({ enableOfflineQueue: false }) }
const seen = {}
for (const [key, client] of Object.entries(clients)) {
  seen[key] = []
  for (let tries = 0; tries < 3; tries++) seen[key].push(await client.incr(key).catch((error) => error.message))
}
execFileSync('redis-server', ['--port', '0', '--unixsocket', path, '--save', '', '--daemonize', 'yes',
  '--dir', process.cwd(), '--pidfile', `${process.cwd()}/redis.pid`], { stdio: 'ignore' })
for (const [key, client] of Object.entries(clients)) {
  for (let tries = 0; client.status !== 'ready' && tries < 100; tries++) await sleep(50)
  seen[key].push(await client.get(key))
  client.disconnect()
}
console.log(seen)
assert.deepEqual(seen.queue, ['Command timed out', 'Command timed out', 'Command timed out', '3'])
assert.equal(seen['no queue'].at(-1), null)
JS
