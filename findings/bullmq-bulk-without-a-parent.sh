#!/usr/bin/env bash
# bullmq 6.7.0 on Redis and on PostgreSQL.
# A good guess: `addBulk` refuses what `add` refuses. A child whose parent is gone, because it was removed or its
#   retention is over, is an error, or nothing of the list is added.
# What happens: `add` throws "Missing key for parent job". `Queue.addBulk` returns the job as if it were added, under the id
#   -5, the code of that error; `FlowProducer.addBulk` returns it under a fine new id. Neither is stored, the rest of
#   the list is, and nothing is thrown, logged or emitted. Whoever marks as sent what `addBulk` returned loses the work.
# Seen: two errors by add; ids -5 and 2, two ids of a flow; two jobs wait of four, on both back ends.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install bullmq@6.7.0 ioredis@6.0.0 pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_redis
start_postgres
both
script <<'JS'
import assert from 'node:assert/strict'
import { onBoth } from './both.js'

const seen = await onBoth(async ({ queue, flows }) => {
  const producer = flows()
  const parent = await queue.add('parent', {})
  const opts = { parent: { id: parent.id, queue: parent.queueQualifiedName } }
  await parent.remove()
  const said = (call) => call.then(() => 'added', ({ message }) => message.split(' ').slice(0, 5).join(' '))
  const [child, other] = [{ name: 'child', data: {}, opts }, { name: 'other', data: {} }]
  const inFlow = (job) => ({ ...job, queueName: 'q' })
  return {
    add: await said(queue.add('child', {}, opts)),
    flow: await said(producer.add(inFlow(child))),
    bulk: (await queue.addBulk([child, other])).map(({ id }) => String(id).replace(/^\d+$/, 'a number')),
    flows: (await producer.addBulk([inFlow(child), inFlow(other)])).map(({ job }) => job.id.length),
    waiting: (await queue.getWaiting()).map(({ name }) => name),
  }
})
for (const backend of ['redis', 'postgres'])
  assert.deepEqual(seen[backend], {
    add: 'Missing key for parent job',
    flow: 'Missing key for parent job',
    bulk: ['-5', 'a number'],
    flows: [36, 36],
    waiting: ['other', 'other'],
  })
JS
