#!/usr/bin/env bash
# Redis 7.0.15 (Debian bookworm; 8.0.6 and Valkey 9.1.2 do the same), a user of ACL SETUSER; ioredis 6.0.0.
# A good guess: `~shop:* +@read +@write -@dangerous` keeps a user to the keys that begin with shop:. What would reach further
#   is dangerous: KEYS, FLUSHDB and SWAPDB are refused.
# What happens: patterns guard names that a command is given, and these commands are given none. @read brings SCAN and RANDOMKEY,
#   which tell the names of all keys, also those that hold a token of somebody's session. @write brings FUNCTION LOAD, DELETE,
#   FLUSH and RESTORE, which change the library of the whole server; none of them is in @dangerous. Named last, `-@scripting -scan
#   -randomkey` takes them away; EVAL comes back by its own name.
# Seen: the answers below; the other's function was gone.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install ioredis@6.0.0
start_redis
script <<'JS'
import assert from 'node:assert/strict'
import { Redis } from 'ioredis'

const open = (more) => new Redis({ path: process.env.REDIS_SOCKET, ...more }).on('error', () => {})
const admin = open()
const functions = async () => (await admin.call('FUNCTION', 'LIST')).length

/** What each command answers to a user with these rights: refused or not. */
async function tried(rights) {
  await admin.flushall()
  await admin.set('session:secret', '1')
  await admin.call('FUNCTION', 'LOAD', 'REPLACE', `#!lua name=theirs
redis.register_function('theirs', function() return 1 end)`)
  await admin.acl('SETUSER', 'shop', 'reset', 'on', '>PASSWORD', '~shop:*', ...rights.split(' '))
  const user = open({ username: 'shop', password: 'PASSWORD', enableReadyCheck: false })
  const answers = {}
  for (const command of ['get session:secret', 'keys *', 'flushdb', 'scan 0', 'randomkey', 'function flush', 'set shop:a 1'])
    answers[command] = await user.call(...command.split(' ')).then(String, (error) => error.message.split(' ')[0])
  user.disconnect()
  return { ...answers, functionsLeft: await functions() }
}

const seen = {
  guessed: await tried('+@read +@write -@dangerous'),
  narrower: await tried('+@read +@write -@dangerous -@scripting -scan -randomkey +eval +evalsha'),
}
console.log(seen)
assert.deepEqual(seen, {
  guessed: {
    'get session:secret': 'NOPERM', 'keys *': 'NOPERM', flushdb: 'NOPERM', 'scan 0': '0,session:secret',
    randomkey: 'session:secret', 'function flush': 'OK', 'set shop:a 1': 'OK', functionsLeft: 0,
  },
  narrower: {
    'get session:secret': 'NOPERM', 'keys *': 'NOPERM', flushdb: 'NOPERM', 'scan 0': 'NOPERM',
    randomkey: 'NOPERM', 'function flush': 'NOPERM', 'set shop:a 1': 'OK', functionsLeft: 1,
  },
})
admin.disconnect()
JS
