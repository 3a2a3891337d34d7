#!/usr/bin/env bash
# bullmq 6.7.0, Redis and PostgreSQL alike.
# A good guess: when two flows share a child (the same queue and custom id), either the second `add` is refused, or both
#   parents run when the child is done; a child that is done already lets a later parent run at once, as it does when
#   the child was first added alone.
# What happens: a child that belongs to a parent serves no other one. The second flow is taken without an error, its
#   parent has no child on its list and waits for children for ever; so does a third one that comes when the child is
#   done.
# Seen: first parent completed; second and late parent waiting-children with 0 unprocessed and 0 processed children.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install bullmq@6.7.0 ioredis@6.0.0 pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_redis
start_postgres
both
script <<'JS'
import assert from 'node:assert/strict'
import { onBoth, sleep, until } from './both.js'

const seen = await onBoth(async ({ work, flows }) => {
  const producer = flows()
  const children = () => [{ name: 'rates', queueName: 'q', opts: { jobId: 'rates-of-today' } }]
  const first = await producer.add({ name: 'report', queueName: 'q', children: children() })
  const second = await producer.add({ name: 'invoice', queueName: 'q', children: children() })
  const worker = work(async () => {})
  await until(() => first.job.isCompleted())
  const late = await producer.add({ name: 'late', queueName: 'q', children: children() })
  await sleep(3_000)
  await worker.close()
  const { processed, unprocessed } = await second.job.getDependenciesCount()
  return { second: await second.job.getState(), processed, unprocessed, late: await late.job.getState() }
})
for (const each of Object.values(seen)) {
  assert.deepEqual(each, { second: 'waiting-children', processed: 0, unprocessed: 0, late: 'waiting-children' })
}
JS
