#!/usr/bin/env bash
# ioredis 6.0.0, its `enableAutoPipelining`, against redis-server (7.0.15 here).
# A good guess: the option sends what is called in one turn of the event loop as one packet and changes nothing else:
#   commands of a client reach the server in the order of the calls, as they do without it.
# What happens: plain commands are gathered until the end of the turn, while `multi()` and `pipeline()` go out at once. So
#   a transaction runs before the commands that were called before it: it reads the value of before, and a value that the
#   transaction wrote is overwritten by one that was written earlier. The answers come without an error. Scripts by `eval`
#   or `defineCommand` and `call` keep their place; awaiting the write first helps.
# Seen: with the option 'old' read after the write of 'new', and 'first' stored at the end; without it 'new' and 'second'.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install ioredis@6.0.0
start_redis
script <<'JS'
import assert from 'node:assert/strict'
import { Redis } from 'ioredis'

/** What transactions, pipelines and a script see of the writes that were called right before them. */
async function order(options) {
  const client = new Redis({ path: process.env.REDIS_SOCKET, ...options })
  const see = async (read) => {
    await client.set('key', 'old')
    const [, seen] = await Promise.all([client.set('key', 'new'), read()])
    return seen
  }
  const only = async (chain) => (await chain.get('key').exec())[0][1]
  const seen = {
    multi: await see(() => only(client.multi())),
    pipeline: await see(() => only(client.pipeline())),
    script: await see(() => client.eval(`return redis.call('get', 'key')`, 0)),
    call: await see(() => client.call('get', 'key')),
  }
  await Promise.all([client.set('key', 'first'), client.multi().set('key', 'second').exec()])
  seen.stored = await client.get('key')
  client.disconnect()
  return seen
}
const seen = { gathered: await order({ enableAutoPipelining: true }), usual: await order({}) }
console.log(seen)
assert.deepEqual(seen, {
  gathered: { multi: 'old', pipeline: 'old', script: 'new', call: 'new', stored: 'first' },
  usual: { multi: 'new', pipeline: 'new', script: 'new', call: 'new', stored: 'second' },
})
JS
