#!/usr/bin/env bash
# rate-limiter-flexible 11.4.0, in memory; the stores share the rule.
# A good guess: `execEvenly` spreads the points of a window over it: with 4 points in 4 s an action may wait about a second
#   after the one before, and one that comes half a second later waits half a second less.
# What happens: a wait that would be shorter than a fair share (1 s) is replaced by the share times the number of points
#   used. So an action that comes half a second after the first waits 2 s, and one 700 ms after that waits 3 s, until the
#   window is over, though half of the points are left. Calm traffic waits longer than a burst, which waits 1 s at first.
# Seen: 2 s, 3 s.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install rate-limiter-flexible@11.4.0
script <<'JS'
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { RateLimiterMemory } from 'rate-limiter-flexible'

/** Seconds that the last of these actions waits; each number is the pause before an action. */
async function waits(...pauses) {
  const limiter = new RateLimiterMemory({ points: 4, duration: 4, execEvenly: true })
  let waited
  for (const pause of pauses) {
    await sleep(pause)
    const began = performance.now()
    waited = limiter.consume('key').then(() => Math.round((performance.now() - began) / 500) / 2)
  }
  return waited
}
const [second, third] = await Promise.all([waits(0, 500), waits(0, 500, 700)])
console.log({ second, third })
assert.deepEqual({ second, third }, { second: 2, third: 3 })
JS
