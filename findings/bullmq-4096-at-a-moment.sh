#!/usr/bin/env bash
# bullmq 6.7.0 on Redis by ioredis 6.0.0.
# A good guess: jobs delayed to the same moment (a mailing at ten o'clock) run in the order in which they were added,
#   however many there are.
# What happens: twelve bits of a delayed job's score are its place within the millisecond. All from the 4,096th on share the
#   last place, where Redis sorts by the text of the id: order-10000 runs before order-9095, which was added 905 jobs
#   earlier. Ids without an order of their own come as they fall. No test with fewer jobs shows it.
# Seen: of order-5000 to order-10999 the order is right up to order-9094; then come 10000 to 10999, then 9095 to 9999.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install bullmq@6.7.0 ioredis@6.0.0
start_redis
script <<'JS'
import assert from 'node:assert/strict'
import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'

const connection = new Redis(process.env.REDIS_SOCKET, { maxRetriesPerRequest: null })
const queue = new Queue('mailing', { connection })
const [first, count, moment] = [5000, 6000, Date.now() + 15_000]
const numbers = Array.from({ length: count }, (_, index) => first + index)
await queue.addBulk(
  numbers.map((number) => {
    const timestamp = Date.now()
    return { name: 'mail', data: {}, opts: { jobId: `order-${number}`, timestamp, delay: moment - timestamp } }
  }),
)
const delayed = await queue.getDelayedCount()
const ran = []
let done
const all = new Promise((resolve) => (done = resolve))
const worker = new Worker(
  'mailing',
  async ({ id }) => {
    if (ran.push(Number(id.slice('order-'.length))) === count) done()
  },
  { connection },
)
await all
await worker.close()
await queue.close()
connection.disconnect()
const jumps = ran.slice(1).flatMap((number, index) => (number === ran[index] + 1 ? [] : [`${ran[index]} -> ${number}`]))
console.log({ delayed, jumps })
assert.equal(delayed, count)
assert.deepEqual(jumps, ['9094 -> 10000', '10999 -> 9095'])
JS
