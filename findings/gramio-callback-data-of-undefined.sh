#!/usr/bin/env bash
# @gramio/callback-data 0.1.0.
# A good guess: a field with a default that is given as undefined (`pack({ id, notify: settings.notify })`) is a field that is
#   not given, so it comes back as its default; and a number comes back as that number, or `pack` refuses it.
# What happens: it counts as given. A boolean comes back as false where its default is true, a choice makes a button whose
#   data cannot be read again, and a number or a text throws. A number of 2^53 or more is written with ten digits but read
#   with thirty-six, without an error: whole sums in the smallest unit of a token with 18 digits are that large.
# Seen: true, false; 'Invalid index -1'; 10^19 comes back as 3.7 * 10^29, one less than 2^53 as it was.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install @gramio/callback-data@0.1.0
script <<'JS'
import assert from 'node:assert/strict'
import { CallbackData } from '@gramio/callback-data'

const back = (schema, data) => {
  const packed = schema.pack(data)
  assert(schema.filter(packed))
  const read = schema.safeUnpack(packed)
  return read.data ?? read.error.message
}
const follow = new CallbackData('follow').number('id').boolean('notify', { default: true })
const list = new CallbackData('list').enum('by', ['price', 'name'], { default: 'price' })
const pay = new CallbackData('pay').number('units')
const seen = {
  left: back(follow, { id: 7 }).notify,
  undefined: back(follow, { id: 7, notify: undefined }).notify,
  choice: back(list, { by: undefined }),
  large: back(pay, { units: Number.MAX_SAFE_INTEGER }).units,
  larger: back(pay, { units: 2 ** 53 }).units,
  tenTokens: back(pay, { units: 10 * 10 ** 18 }).units,
}
console.log(seen)
assert.deepEqual(seen, {
  left: true,
  undefined: false,
  choice: "Invalid index -1 for enum 'by'",
  large: 9007199254740991,
  larger: parseInt('9007199254740992', 36),
  tenTokens: parseInt('10000000000000000000', 36),
})
JS
