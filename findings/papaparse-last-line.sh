#!/usr/bin/env bash
# papaparse 5.7.1.
# A good guess: the separator of `name;price` is found by itself, and the line break at the end of the file, which every
#   program writes, changes nothing.
# What happens: that line break counts as a row of one field. Two columns then have an average of less than two, so the
#   semicolon (or tab) is not found and the comma is taken: each line is one field, or, where prices have a decimal comma,
#   two fields cut in the middle of the price. `errors` says UndetectableDelimiter, data is there all the same. Three
#   columns are found, and two are with `skipEmptyLines` or without the last line break.
# Seen: [ 'tea;1', '50' ] with the line break, [ 'tea', '1,50' ] without it.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install papaparse@5.7.1
script <<'JS'
import assert from 'node:assert/strict'
import Papa from 'papaparse'

const file = 'name;price\ntea;1,50\nrye bread;2,75\n'
const second = (text, options) => Papa.parse(text, options).data[1]
const seen = {
  file: second(file),
  errors: Papa.parse(file).errors.map(({ code }) => code),
  'no last line break': second(file.trimEnd()),
  skipEmptyLines: second(file, { skipEmptyLines: true }),
  'three columns': second('name;price;stock\ntea;1,50;7\nrye bread;2,75;9\n'),
}
console.log(seen)
assert.deepEqual(seen, {
  file: ['tea;1', '50'],
  errors: ['UndetectableDelimiter'],
  'no last line break': ['tea', '1,50'],
  skipEmptyLines: ['tea', '1,50'],
  'three columns': ['tea', '1,50', '7'],
})
JS
