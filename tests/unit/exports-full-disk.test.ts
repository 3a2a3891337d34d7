import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { splitCsv } from '#shop/exports/worker/split.ts'
import { atEnd } from '../lib/at-end.ts'

/** Lines that hardly compress, so that much is written. */
const line = (number: number) =>
  `${number};${Array.from({ length: 40 }, (_, at) => Math.sin(number * 41 + at).toString(36)).join('')}\n`

// /dev/full takes nothing and says so as a full disk does.
test.skipIf(process.platform !== 'linux').each([1, 2])(
  'F34 an export whose part %i finds the disk full ends with the reason, and waits for nothing',
  async (part) => {
    const folder = mkdtempSync(join(tmpdir(), 'telekassa-full-'))
    atEnd(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 'operations.csv')
    writeFileSync(path, `id;text\n${Array.from({ length: 4_000 }, (_, at) => line(at)).join('')}`)
    symlinkSync('/dev/full', join(folder, `part-${part}.gz`))
    await expect(splitCsv(path, 'operations.csv', 400_000, 0)).rejects.toThrow(/ENOSPC/)
  },
  10_000,
)
