import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clearLeftFolders, inOwnFolder } from '#shop/exports/worker/folders.ts'
import { atEnd } from '../lib/at-end.ts'
import { repository } from '../lib/compose.ts'
import { tempFolder } from '../lib/infra.ts'

const before = process.env['TMPDIR']
beforeAll(async () => void (process.env['TMPDIR'] = await tempFolder()))
afterAll(() => {
  if (before === undefined) delete process.env['TMPDIR']
  else process.env['TMPDIR'] = before
})

const MAKER = `
  import { writeFileSync } from 'node:fs'
  import { inOwnFolder } from '#shop/exports/worker/folders.ts'
  await inOwnFolder(async (folder) => {
    writeFileSync(folder + '/people.csv', 'id;name')
    console.log(folder)
    await new Promise((resolve) => setTimeout(resolve, 600_000))
  })`

/** A process that is in the middle of an export. */
async function exporting() {
  const child = spawn(process.execPath, ['--input-type=module', '-e', MAKER], {
    cwd: repository,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  atEnd(() => void child.kill('SIGKILL'))
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const ended = once(child, 'exit')
  return {
    folder: line.toString().trim(),
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

test('F10 what a killed export has left in the temporary folder is removed at the next start, and nothing that is in use or of others', async () => {
  const [killed, running] = [await exporting(), await exporting()]
  const temp = process.env['TMPDIR']!
  const make = (name: string, hours = 0) => {
    const path = join(temp, name)
    mkdirSync(path)
    writeFileSync(join(path, 'people.csv'), 'id;name')
    const at = new Date(Date.now() - hours * 3_600_000)
    utimesSync(path, at, at)
    return path
  }
  // Nothing is known here of the makers of folders of another machine and of a version before.
  const young = [make('telekassa-export-00000000-1-abc', 23), make('telekassa-export-Xy12Zz', 23)]
  const old = [make('telekassa-export-00000000-1-def', 25), make('telekassa-export-Ab34Cd', 25)]
  const others = make('telekassa-backup-1', 25)
  await killed.kill()
  // In a container that is started again, the process has the id of the one that was killed.
  const earlier = make(basename(killed.folder).replace(/-\d+-\w+$/, `-${process.pid}-earlier`))
  expect(existsSync(join(killed.folder, 'people.csv')), 'before').toBe(true)
  await inOwnFolder(async (own) => {
    await clearLeftFolders()
    expect([own, running.folder, ...young, others].filter((path) => !existsSync(path))).toEqual([])
  })
  expect([killed.folder, earlier, ...old].filter((path) => existsSync(path))).toEqual([])
})
