#!/usr/bin/env bash
# csv-parse 7.0.3.
# A good guess: `cast: true` makes numbers of what is written as a number, and leaves a wallet's address or a transaction's
#   hash, which begin with 0x, as text; at worst it makes 255 of 0xff.
# What happens: everything that begins with 0x and is hexadecimal becomes the number 0. Two different addresses are then
#   equal, and the column's type is number. 0b and 0o go the same way; 1_000 and -0xff stay text.
# Seen: [0, 0, 0, 0, '-0xff', '1_000'].
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install csv-parse@7.0.3
script <<'JS'
import assert from 'node:assert/strict'
import { parse } from 'csv-parse/sync'

const written = ['0xff', `0x${'1a'.repeat(20)}`, '0b11', '0o17', '-0xff', '1_000']
const seen = parse(written.join('\n'), { cast: true }).flat()
console.log(seen)
assert.deepEqual(seen, [0, 0, 0, 0, '-0xff', '1_000'])
assert.deepEqual(parse(written.join('\n')).flat(), written)
JS
