#!/usr/bin/env bash
# Redis 7.0.15 (redis-server of Debian 12), ioredis 6.0.0.
# A good guess: numbers in a Lua script of Redis are doubles, so whole numbers up to 2 ** 53, as in JavaScript, come
#   through unharmed: 123456789012345 (as nanotons 123,456 TON) is far below.
# What happens: it depends on the way out. `return` and an argument of `redis.call` keep all digits; `cjson.encode`,
#   `tostring` and `..` write fourteen and round the rest away. So a script that decodes JSON, changes one field and encodes
#   it again changes an amount beside it, and neighbouring ids share a key made with `..`.
# Seen of 123456789012345: returned and stored whole; 1.2345678901234e+14 by cjson and by `..`.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install ioredis@6.0.0
start_redis
script <<'JS'
import assert from 'node:assert/strict'
import { Redis } from 'ioredis'

const redis = new Redis(process.env.REDIS_SOCKET)
const amount = 123_456_789_012_345
const document = JSON.stringify({ state: 'new', amount })
const paid = `local row = cjson.decode(ARGV[1]) row.state = 'paid' return cjson.encode(row)`
const seen = {
  returned: await redis.eval('return tonumber(ARGV[1])', 0, amount),
  stored: (await redis.eval(`redis.call('set', 'x', tonumber(ARGV[1]))`, 0, amount), await redis.get('x')),
  document: JSON.parse(await redis.eval(paid, 0, document)).amount,
  key: await redis.eval(`return 'person:' .. tonumber(ARGV[1])`, 0, amount),
  next: await redis.eval(`return 'person:' .. tonumber(ARGV[1])`, 0, amount - 1),
}
console.log(seen)
assert.deepEqual(seen, {
  returned: amount,
  stored: String(amount),
  document: 123_456_789_012_340,
  key: 'person:1.2345678901234e+14',
  next: 'person:1.2345678901234e+14',
})
redis.disconnect()
JS
