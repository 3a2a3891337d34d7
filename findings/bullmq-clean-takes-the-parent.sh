#!/usr/bin/env bash
# bullmq 6.7.0, Redis and PostgreSQL alike.
# A good guess: `queue.clean(grace, limit, 'failed')` removes jobs that failed. A parent that waits for such a child is then
#   free of it and goes on, as after `remove()` of the child; or it stays where it is.
# What happens: when its last child is cleaned away, a parent in the same queue is removed with it: a job that never ran and
#   never failed is gone, and `clean` names only the child. A parent in another queue, or any
#   parent after `remove()` of the child, goes to waiting. So the usual broom for old failures eats work that is still owed.
# Seen: after remove waiting; after clean unknown; parent in another queue waiting.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install bullmq@6.7.0 ioredis@6.0.0 pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_redis
start_postgres
both
script <<'JS'
import assert from 'node:assert/strict'
import { onBoth, until } from './both.js'

const seen = await onBoth(async ({ queue, work, flows }) => {
  const flow = flows()
  /** The state of a parent whose only child has failed and was then taken away. */
  async function parentAfter(parentQueue, takeAway) {
    const worker = work(async () => {
      throw new Error('the child fails')
    })
    const { job, children } = await flow.add({
      name: 'parent',
      queueName: parentQueue,
      children: [{ name: 'child', queueName: 'q' }],
    })
    const child = children[0].job
    await until(() => child.isFailed())
    await worker.close()
    assert.equal(await job.getState(), 'waiting-children')
    const cleaned = await takeAway(child)
    if (cleaned) assert.deepEqual(cleaned, [child.id])
    const state = await job.getState()
    if (state !== 'unknown') await job.remove()
    return state
  }
  const clean = () => queue.clean(0, 10, 'failed')
  return {
    remove: await parentAfter('q', (child) => child.remove()),
    clean: await parentAfter('q', clean),
    'clean, parent elsewhere': await parentAfter('elsewhere', clean),
  }
})
const both = { remove: 'waiting', clean: 'unknown', 'clean, parent elsewhere': 'waiting' }
assert.deepEqual(seen, { redis: both, postgres: both })
JS
