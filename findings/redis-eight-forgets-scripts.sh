#!/usr/bin/env bash
# Redis 8.0.2 (Debian trixie; Valkey 8.1.1 does the same, Redis 7.0 does not), ioredis 6.0.0, bullmq 6.7.0.
# A good guess: ioredis sends a script of `defineCommand` anew when the server has forgotten it, also within `multi()`; what
#   cannot be done fails as a whole, and BullMQ tells of it.
# What happens: since 7.4 a server keeps 500 of the scripts that came by EVAL, which is how ioredis brings them. Anybody on
#   this server who writes values into the text of a script fills these 500. A command that goes out alone is sent
#   anew. Within MULTI it fails with NOSCRIPT, its neighbours are done all the same, and ioredis does not learn from it: on this
#   connection every further MULTI fails. BullMQ's flows go out in a MULTI: `add` throws each time, `addBulk` returns
#   its jobs with their ids, and no queue has them.
# Seen: the balance stays at 10 while `told` is set; five flows by `add` refused; five by `addBulk` returned, none waits.
# Needs Debian's apt and dpkg, which fetch Redis with its libraries into the temporary folder.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install bullmq@6.7.0 ioredis@6.0.0
mkdir data
debian redis-tools libc6 libatomic1 libjemalloc2 liblzf1 libssl3t64 libsystemd0 libcap2 zlib1g libzstd1 libgcc-s1 libstdc++6
unpacked redis-server bin/redis-check-rdb --port 0 --unixsocket "$folder/redis.sock" --dir data --save '' >redis.log 2>&1 &
server=$!
trap 'kill "$server" || true; stop_all' EXIT
for _ in $(seq 100); do [ -S redis.sock ] && break || sleep 0.1; done
script <<'JS'
import assert from 'node:assert/strict'
import { FlowProducer, Queue } from 'bullmq'
import { Redis } from 'ioredis'

const open = () => new Redis({ path: 'redis.sock', maxRetriesPerRequest: null })
const [shop, flowsOwn, neighbour] = [open(), open(), open()]
const [queue, flows] = [new Queue('q', { connection: neighbour }), new FlowProducer({ connection: flowsOwn })]
/** Another program on this server, which writes its values into its scripts. */
const others = async () => {
  for (let value = 0; value < 500; value++) await neighbour.eval(`return ${value}`, 0)
}
const said = (call) => call.then(() => 'ok', (error) => error.message.split(' ')[0])
/** Both commands of a transaction: what they say. */
const both = async (note) =>
  (await shop.multi().credit('balance', 5).set('told', note).exec()).map(([error, value]) => (error ?? String(value)).toString())

shop.defineCommand('credit', { numberOfKeys: 1, lua: `return redis.call('incrby', KEYS[1], ARGV[1])` })
const credits = { first: await shop.credit('balance', 5), second: await both('second') }
await flows.add({ name: 'before', queueName: 'q' })
await others()
credits.third = await both('third')
credits.fourth = await both('fourth')
credits.stored = await shop.mget('balance', 'told')
credits.alone = await shop.credit('balance', 5)
credits.fifth = await both('fifth')

const added = { add: [], addBulk: [] }
for (let flow = 0; flow < 5; flow++) {
  added.add.push(await said(flows.add({ name: 'one', queueName: 'q' })))
  const [{ job }] = await flows.addBulk([{ name: 'many', queueName: 'q' }])
  added.addBulk.push(typeof job.id)
}
added.waiting = await queue.getWaitingCount()
for (const client of [shop, flowsOwn, neighbour]) client.disconnect()
console.log(credits, added)
const lost = 'ReplyError: NOSCRIPT No matching script. Please use EVAL.'
assert.deepEqual(credits, {
  first: 5,
  second: ['10', 'OK'],
  third: [lost, 'OK'],
  fourth: [lost, 'OK'],
  stored: ['10', 'fourth'],
  alone: 15,
  fifth: ['20', 'OK'],
})
assert.deepEqual(added, {
  add: Array(5).fill('NOSCRIPT'),
  addBulk: Array(5).fill('string'),
  waiting: 1,
})
process.exit()
JS
