#!/usr/bin/env bash
# js-big-decimal 2.2.0.
# A good guess: `divide(a, b, 2)` of a library for exact decimals is the quotient, rounded to two digits by the rule that was
#   asked for, `HALF_EVEN` where none was.
# What happens: the quotient is cut off two digits further first and rounded then. What lies a little above a half looks like
#   exactly a half, and what lies a little above a whole cent like a whole cent. So `HALF_EVEN` and `HALF_DOWN` give a cent
#   less for what is more than a half, and `CEILING` and `UP` do not round up at all. `HALF_UP`, `FLOOR` and `DOWN` are right.
#   A quotient with twelve digits more, by `DOWN`, that `round` brings to two is right in all seven modes.
# Seen of the 10,000 amounts from 0.01 to 100.00, divided by 97.35: 52 wrong by HALF_EVEN, 97 by HALF_DOWN, CEILING and UP,
#   each by one cent, and always to the same side; 0.49 / 97.35 = 0.00503 is 0.00, and 0.98 / 97.35 = 0.01007 is 0.01 by
#   CEILING.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install js-big-decimal@2.2.0
script <<'JS'
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'

const loaded = createRequire(import.meta.url)('js-big-decimal')
const BigDecimal = loaded.default ?? loaded
const modes = BigDecimal.RoundingModes

/** The quotient of two positive numbers of hundredths, in whole hundredths, by division of integers. */
function exactly(amount, rate, mode) {
  const cents = (amount * 100n) / rate
  const rest = (amount * 100n) % rate
  const half = 2n * rest - rate
  const up = {
    HALF_EVEN: half > 0n || (half === 0n && cents % 2n === 1n),
    HALF_UP: half >= 0n,
    HALF_DOWN: half > 0n,
    CEILING: rest > 0n,
    UP: rest > 0n,
    FLOOR: false,
    DOWN: false,
  }
  return up[mode] ? cents + 1n : cents
}
const written = (cents) => `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`
const rate = 9735n
const seen = {}
for (const mode of ['HALF_EVEN', 'HALF_UP', 'HALF_DOWN', 'CEILING', 'UP', 'FLOOR', 'DOWN']) {
  const one = (seen[mode] = { wrong: 0, sumOfErrors: 0n, withMoreDigits: 0 })
  for (let amount = 1n; amount <= 10_000n; amount++) {
    const right = exactly(amount, rate, mode)
    const said = BigInt(BigDecimal.divide(written(amount), written(rate), 2, modes[mode]).replace('.', ''))
    if (said !== right) one.wrong++
    one.sumOfErrors += said - right
    const further = BigDecimal.divide(written(amount), written(rate), 14, modes.DOWN)
    if (BigDecimal.round(further, 2, modes[mode]) !== written(right)) one.withMoreDigits++
  }
}
const byDefault = BigDecimal.divide('0.49', '97.35', 2)
const upwards = BigDecimal.divide('0.98', '97.35', 2, modes.CEILING)
console.log(seen, { byDefault, upwards })
const right = { wrong: 0, sumOfErrors: 0n, withMoreDigits: 0 }
const tooLittle = (wrong) => ({ wrong, sumOfErrors: BigInt(-wrong), withMoreDigits: 0 })
assert.deepEqual(seen, {
  HALF_EVEN: tooLittle(52),
  HALF_UP: right,
  HALF_DOWN: tooLittle(97),
  CEILING: tooLittle(97),
  UP: tooLittle(97),
  FLOOR: right,
  DOWN: right,
})
assert.deepEqual({ byDefault, upwards }, { byDefault: '0.00', upwards: '0.01' })
JS
