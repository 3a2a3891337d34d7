import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Fault, takeFaults } from '../../sandbox/fragment/faults.ts'
import { startFragment } from '../../sandbox/fragment/server.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'telekassa-journal-'))
})
afterAll(() => rm(folder, { recursive: true }))

const file = () => join(folder, 'books')
const fault = (username: string, times?: number): Fault => ({
  on: 'stars',
  username,
  ...(times !== undefined && { times }),
  what: { kind: 'drop-after' },
})

test('a reseller that starts again has the faults that were not used up, and using one up writes a line to the file, not all faults anew', async () => {
  const first = await startFragment({ file: file() })
  const faults = [
    fault('anna'),
    fault('boris', 3),
    ...Array.from({ length: 1_000 }, (_, at) => fault(`p${at}`)),
  ]
  await fetch(`${new URL(first.url).origin}/control/faults`, { method: 'POST', body: JSON.stringify(faults) })
  const before = (await stat(file())).size
  expect(takeFaults(first.state, 'stars', 'anna')).toHaveLength(1)
  expect(takeFaults(first.state, 'stars', 'boris')).toHaveLength(1)
  expect((await stat(file())).size - before).toBeLessThan(500)
  await first.close()

  const second = await startFragment({ file: file() })
  expect(second.state.faults).toEqual(faults.slice(1).with(0, fault('boris', 2)))
  expect(takeFaults(second.state, 'stars', 'anna')).toEqual([])
  for (const left of [1, 1, 0]) expect(takeFaults(second.state, 'stars', 'boris')).toHaveLength(left)
  await second.close()

  const third = await startFragment({ file: file() })
  expect(third.state.faults).toEqual(faults.slice(2))
  await third.close()
})
