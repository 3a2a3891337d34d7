#!/usr/bin/env bash
# p-retry 9.0.0.
# A good guess: when the signal is aborted while an attempt runs, the call rejects at once; or, if it waits for the
#   attempt, it gives the value that the attempt brought.
# What happens: it waits until the attempt has ended and then rejects with the reason of the signal. A success that came
#   after the abort is thrown away: for a payment that went through, the caller is told that it was aborted.
# Seen: the attempt ends with 'paid' after 400 ms, the call rejects after that with 'stopping'.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install p-retry@9.0.0
script <<'JS'
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import pRetry from 'p-retry'

const controller = new AbortController()
const order = []
const call = pRetry(
  async () => {
    controller.abort(new Error('stopping'))
    await sleep(400)
    order.push('the attempt ends')
    return 'paid'
  },
  { retries: 3, signal: controller.signal },
)
const result = await call.catch((error) => error.message)
order.push('the call ends')
console.log({ result, order })
assert.equal(result, 'stopping')
assert.deepEqual(order, ['the attempt ends', 'the call ends'])
JS
