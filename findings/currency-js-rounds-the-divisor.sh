#!/usr/bin/env bash
# currency.js 2.0.4.
# A good guess: `currency(1000).divide(rate)` is 1000 / rate, rounded to cents once, and `multiply(1 / rate)` gives the same
#   within a cent. `multiply` takes its number as it is.
# What happens: the divisor is read like an amount of money. It keeps four digits more than the currency has, six for dollars
#   and four for yen, and the rest is rounded away before the division. Rates of cheap currencies begin at the fifth or sixth
#   digit, so one or two of their digits stay. No error is seen; with `precision: 12` on the amount the result is right.
# Seen: 1000 dollars at 0.00006134 dollars per rupiah are 16,393,442.62 rupiahs, 90,866.81 (half a per cent) too many; at
#   0.0000125 it is 76,923,076.92 instead of 80,000,000; 100 dollars at 0.00667312 per yen 14,985.76 instead of 14,985.49.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install currency.js@2.0.4
script <<'JS'
import assert from 'node:assert/strict'
import currency from 'currency.js'

const seen = {}
for (const [amount, rate] of [[1000, 0.00006134], [1000, 0.0000125], [100, 0.00667312], [100, 0.25]])
  seen[`${amount} / ${rate}`] = {
    divide: currency(amount).divide(rate).toString(),
    multiply: currency(amount).multiply(1 / rate).toString(),
    'divide, 12 digits': currency(amount, { precision: 12 }).divide(rate).value.toFixed(2),
  }
const yen = currency(10_000, { precision: 0 }).divide(0.00667312).toString()
console.log(seen, { yen })
const wrong = (divide, multiply) => ({ divide, multiply, 'divide, 12 digits': multiply })
assert.deepEqual(seen, {
  '1000 / 0.00006134': wrong('16393442.62', '16302575.81'),
  '1000 / 0.0000125': wrong('76923076.92', '80000000.00'),
  '100 / 0.00667312': wrong('14985.76', '14985.49'),
  '100 / 0.25': wrong('400.00', '400.00'),
})
// 0.00667312 has become 0.0067.
assert.equal(yen, '1492537')
JS
