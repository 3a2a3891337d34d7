#!/usr/bin/env bash
# Intl of Node 24.21.0 (ICU of its own), currency-codes 2.2.0 (the list of ISO 4217).
# A good guess: `Intl.NumberFormat(..., { style: 'currency', currency }).resolvedOptions().maximumFractionDigits` is how many
#   digits ISO 4217 gives a currency, so an amount times ten to that power is in minor units, as payment APIs count them.
# What happens: Intl says how many digits people write today. For Hungary, Indonesia, Colombia and a dozen others that is
#   none, where ISO and the payment APIs have two: minor units made this way are a hundredth of the price. And the
#   formatted amount is rounded without a word: 10.50 forints are shown as 11.
# Seen: sixteen national currencies that differ, among them COP, HUF, IDR, LBP and PKR 2 and 0, IQD 3 and 0; 'HUF 11' for 10.50.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install currency-codes@2.2.0
script <<'JS'
import assert from 'node:assert/strict'
import iso from 'currency-codes'

const format = (currency) => new Intl.NumberFormat('en', { style: 'currency', currency })
// Codes that begin with X are metals, funds and tests.
const differ = iso
  .codes()
  .filter((code) => !code.startsWith('X'))
  .map((code) => [code, iso.code(code).digits, format(code).resolvedOptions().maximumFractionDigits])
  .filter(([, listed, shown]) => listed !== shown)
const seen = { shown: format('HUF').format(10.5).replace(/\s/u, ' '), differ: differ.map((one) => one.join(' ')) }
console.log(seen)
assert.equal(seen.shown, 'HUF 11')
for (const one of ['COP 2 0', 'HUF 2 0', 'IDR 2 0', 'IQD 3 0', 'LBP 2 0', 'PKR 2 0']) assert(seen.differ.includes(one), one)
JS
