import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { REPORT, currentReport } from '../lib/fault-table.ts'

test('the table of faults names every fault once, with the tests that there are', () => {
  const report = readFileSync(REPORT, 'utf8')
  // node tests/lib/fault-table.ts writes it.
  expect(report).toBe(currentReport())
  const ids = [...report.matchAll(/^\| F(\d+) \|/gm)].map(([, id]) => Number(id))
  expect(ids).toEqual(Array.from({ length: 75 }, (_, index) => index + 1))
})
