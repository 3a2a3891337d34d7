#!/usr/bin/env bash
# bullmq 6.7.0, Redis and PostgreSQL alike.
# A good guess: with deduplication `keepLastIfActive` the last job that was added while one with the same id is under
#   way runs after that one, so nothing that a chat or a cache was told last is lost.
# What happens: only while the job is in a worker's hands. A job that failed and waits for its next attempt is not
#   active: whatever is added in that pause is dropped without a word, and its `add` answers with the job that waits.
# Seen: [ 'first', 'first', 'while it runs' ]; 'in the pause' never runs.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install bullmq@6.7.0 ioredis@6.0.0 pg@8.23.0 embedded-postgres@18.4.0-beta.17
start_redis
start_postgres
both
script <<'JS'
import assert from 'node:assert/strict'
import { onBoth, sleep, until } from './both.js'

const seen = await onBoth(async ({ queue, work }) => {
  const ran = []
  const deduplication = { id: 'chat', keepLastIfActive: true }
  let finishFirst
  const worker = work(async ({ data, attemptsMade }) => {
    ran.push(data)
    if (data !== 'first' || attemptsMade > 0) return
    await new Promise((resolve) => (finishFirst = resolve))
    throw new Error('once')
  })
  const first = await queue.add('x', 'first', { attempts: 2, backoff: 1_500, deduplication })
  await until(() => finishFirst)
  await queue.add('x', 'while it runs', { deduplication })
  finishFirst()
  await until(() => first.isDelayed())
  const dropped = await queue.add('x', 'in the pause', { deduplication })
  await until(() => ran.length === 3)
  await sleep(500)
  const left = await queue.count()
  await worker.close()
  return { ran, left, answeredWithTheFirst: dropped.id === first.id }
})
for (const each of Object.values(seen)) {
  assert.deepEqual(each, { ran: ['first', 'first', 'while it runs'], left: 0, answeredWithTheFirst: true })
}
JS
