import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { REPORT, currentReport } from '../lib/fault-table.ts'

const rowsOf = (text: string) => [...text.matchAll(/^\| F(\d+) \| .* \| ([^|]*) \|$/gm)]

test('the table of faults names every fault once, and no test that does not name the fault', () => {
  const written = rowsOf(readFileSync(REPORT, 'utf8'))
  expect(written.length).toBeGreaterThan(106)
  expect(written.map(([, id]) => Number(id))).toEqual(written.map((_, index) => index + 1))
  const found = new Map(rowsOf(currentReport()).map(([, id, tests = '']) => [id, tests.split(' ')]))
  const claimed = written.flatMap(([, id, tests = '']) =>
    tests === '**no test**' ? [] : tests.split(' ').map((one) => ({ id, one })),
  )
  expect(claimed.length).toBeGreaterThan(106)
  expect(claimed.filter(({ id, one }) => !found.get(id)!.includes(one))).toEqual([])
})
