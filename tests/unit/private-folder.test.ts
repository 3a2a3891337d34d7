import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { claimFolder } from '../../bin/infra/folder.ts'
import { closeToOthers } from '../../bin/lib/private-folder.ts'
import { readConfig } from '#shop/config.ts'
import { keepPicture } from '#shop/pictures/worker/kept.ts'

const home = mkdtempSync(join(tmpdir(), 'telekassa-folder-'))
const umask = process.umask()
afterAll(() => {
  process.umask(umask)
  rmSync(home, { recursive: true })
})
const modeOf = (folder: string) => (statSync(folder).mode & 0o7777).toString(8)

test.each([0o755, 0o777, 0o711, 0o2770, 0o500])(
  'F111 a DATA_DIR of mode %o is closed to everybody else',
  (mode) => {
    const folder = join(home, `was-${mode}`)
    mkdirSync(folder)
    chmodSync(folder, mode)
    expect(closeToOthers(folder)).toBeUndefined()
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  },
)

test.each([0, 0o022, 0o077])(
  'F111 whoever makes DATA_DIR first makes it closed, under the umask %o',
  async (mask) => {
    process.umask(mask)
    const folders = ['key', 'claim', 'picture'].map((name) => join(home, `${name}-${mask}`))
    readConfig({ DATA_DIR: folders[0] }, () => {})
    await (
      await claimFolder(folders[1]!, 'postgres')
    )()
    await keepPicture(folders[2]!, 'order', Buffer.from('x'))
    expect(folders.map(modeOf)).toEqual(['700', '700', '700'])
  },
)

test('F111 a folder that many share is refused with a sentence, and left as it is', () => {
  const shared = join(home, 'tmp')
  mkdirSync(shared)
  chmodSync(shared, 0o1777)
  expect(() => closeToOthers(shared)).toThrow(
    /DATA_DIR .* is a folder that many share: give it one of its own/,
  )
  expect(modeOf(shared)).toBe('1777')
  expect(closeToOthers(join(home, 'not there yet'))).toBeUndefined()
})
