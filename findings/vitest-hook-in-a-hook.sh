#!/usr/bin/env bash
# vitest 5.1.1.
# A good guess: `afterAll` that is called while a `beforeAll` or a test runs (a helper that opens a server takes care that it
#   is closed) is run at the end of the file, or is refused as `describe` within a test is.
# What happens: it is forgotten without a word, at the top of a file as in a `describe`; the run is green. A helper whose
#   clean-up is also its last assertion never asserts. Called while the file is collected, it runs.
# Seen: exit 0, passed 2, ran: collected, collected in describe.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install vitest@5.1.1
cat >hooks.test.js <<'JS'
import { appendFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, test } from 'vitest'

const ran = (what) => appendFileSync('ran.log', `${what}\n`)
const helper = (where) =>
  afterAll(() => {
    ran(where)
    throw new Error('a hook that runs fails the file')
  })

afterAll(() => ran('collected'))
beforeAll(() => helper('in beforeAll'))
test('at the top', () => helper('in a test'))
describe('a group', () => {
  afterAll(() => ran('collected in describe'))
  beforeAll(() => helper('in the beforeAll of a describe'))
  test('in the group', () => {})
})
JS
script <<'JS'
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const args = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=json', '--outputFile=out.json']
const { status } = spawnSync(process.execPath, args)
const { numPassedTests, numFailedTests } = JSON.parse(readFileSync('out.json', 'utf8'))
const ran = readFileSync('ran.log', 'utf8').trim().split('\n').toSorted()
console.log(`exit ${status}, passed ${numPassedTests}, ran: ${ran.join(', ')}`)
assert.deepEqual({ status, numPassedTests, numFailedTests }, { status: 0, numPassedTests: 2, numFailedTests: 0 })
assert.deepEqual(ran, ['collected', 'collected in describe'])
JS
