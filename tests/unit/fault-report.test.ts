import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readRepositoryFile } from '../lib/compose.ts'
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

test('what the page about security says of a fault is held by tests of that fault', () => {
  const rows = new Map(
    rowsOf(readFileSync(REPORT, 'utf8')).map(([, id, tests = '']) => [`F${id}`, tests.split(' ')]),
  )
  const text = readRepositoryFile('docs/security.md').replaceAll(/\n\s*/g, ' ')
  const held = [...text.matchAll(/(F\d+(?:, F\d+)*), ((?:`tests\/[\w/-]+\.test\.ts`(?:, )?)+)/g)].flatMap(
    ([, ids = '', tests = '']) =>
      [...tests.matchAll(/`tests\/([\w/-]+)\.test\.ts`/g)].map(([, test]) => ({ ids, test: `\`${test}\`` })),
  )
  expect(held.length).toBeGreaterThan(60)
  expect(held.filter(({ ids, test }) => !ids.split(', ').some((id) => rows.get(id)?.includes(test)))).toEqual(
    [],
  )
})
