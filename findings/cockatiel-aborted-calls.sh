#!/usr/bin/env bash
# cockatiel 4.0.0.
# A good guess: a call whose signal is aborted before it begins does not begin, and one that is aborted while it waits
#   in a bulkhead's queue leaves the queue at once, so that its place is free.
# What happens: `retry` and `circuitBreaker` run it although its signal was aborted before. In the bulkhead an aborted
#   call stays in the queue until its turn comes: the caller waits, and meanwhile others are refused for want of room.
# Seen: retry ran, breaker ran; aborted waiter still waits, the next call BulkheadRejectedError; at its turn the waiter
#   ends in TaskCancelledError and has not run.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install cockatiel@4.0.0
script <<'JS'
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { ConsecutiveBreaker, ConstantBackoff, bulkhead, circuitBreaker, handleAll, retry } from 'cockatiel'

const aborted = AbortSignal.abort()
const name = (error) => error.constructor.name
const again = retry(handleAll, { maxAttempts: 1, backoff: new ConstantBackoff(1) })
const breaker = circuitBreaker(handleAll, { halfOpenAfter: 1_000, breaker: new ConsecutiveBreaker(1) })
const before = {
  retry: await again.execute(() => 'ran', aborted).catch(name),
  breaker: await breaker.execute(() => 'ran', aborted).catch(name),
}

const one = bulkhead(1, 1)
let finish
const running = one.execute(() => new Promise((resolve) => (finish = resolve)))
const controller = new AbortController()
let ran = false
const waiter = one.execute(() => (ran = true), controller.signal).catch(name)
controller.abort()
const soon = await Promise.race([waiter, sleep(300, 'still waits')])
const next = await one.execute(() => 'ran').catch(name)
finish()
await running
const seen = { ...before, soon, next, later: await waiter, ran }
console.log(seen)
assert.deepEqual(seen, {
  retry: 'ran',
  breaker: 'ran',
  soon: 'still waits',
  next: 'BulkheadRejectedError',
  later: 'TaskCancelledError',
  ran: false,
})
JS
