#!/usr/bin/env bash
# bullmq 6.7.0 on Redis and on PostgreSQL.
# A good guess: a parent whose children are done stands in the same place of its queue on both back ends; and a child
#   with `continueParentOnFailure` that fails lets its parent run beside the children that wait.
# What happens: on Redis the parent stands before everything that waits, on PostgreSQL behind everything. So there a
#   parent that is to stop its other children (`removeUnprocessedChildren`) runs when all of them have run.
# Seen: redis done, parent, other... and parent, c1, c2, c3; postgres done, other..., parent and c1, c2, c3, parent.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install bullmq@6.7.0 ioredis@6.0.0 pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_redis
start_postgres
both
script <<'JS'
import assert from 'node:assert/strict'
import { UnrecoverableError } from 'bullmq'
import { onBoth, until } from './both.js'

const seen = await onBoth(async ({ queue, work, flows }) => {
  const producer = flows()
  const ran = []
  const child = (name, opts = {}) => ({ name, queueName: 'q', opts })
  await producer.add({ name: 'parent', queueName: 'q', children: [child('done')] })
  await queue.add('other1', {})
  await queue.add('other2', {})
  const worker = work(async ({ name }) => {
    if (name === 'bad') throw new UnrecoverableError('no')
    ran.push(name)
  })
  await until(() => ran.length === 4)
  await worker.close()
  const well = ran.splice(0)
  const bad = child('bad', { continueParentOnFailure: true })
  await producer.add({ name: 'parent', queueName: 'q', children: [bad, child('c1'), child('c2'), child('c3')] })
  const again = work(async ({ name }) => {
    if (name === 'bad') throw new UnrecoverableError('no')
    ran.push(name)
  })
  await until(() => ran.includes('parent') && ran.includes('c3'))
  await again.close()
  return { well, failed: ran.slice(0, 4) }
})
assert.deepEqual(seen.redis, {
  well: ['done', 'parent', 'other1', 'other2'],
  failed: ['parent', 'c1', 'c2', 'c3'],
})
assert.deepEqual(seen.postgres, {
  well: ['done', 'other1', 'other2', 'parent'],
  failed: ['c1', 'c2', 'c3', 'parent'],
})
JS
