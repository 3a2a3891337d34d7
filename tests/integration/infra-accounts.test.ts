import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, unlinkSync } from 'node:fs'
import { chown, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { eventually } from '../lib/eventually.ts'
import {
  copyCheckout,
  launchInfra,
  pathWith,
  processesIn,
  query,
  startInfraProcess,
  tempFolder,
} from '../lib/infra.ts'

const root = process.getuid?.() === 0
const linux = process.platform === 'linux'

/**
 * A command in front that runs the rest as another account. The account may read the checkout wherever it lies
 * (also in a home that is closed to others) and writes only what is its own.
 */
function asUser(uid: number): string[] {
  const reading = [
    '--securebits=+no_setuid_fixup',
    '--inh-caps=+dac_read_search',
    '--ambient-caps=+dac_read_search',
  ]
  return [
    'setpriv',
    `--reuid=${uid}`,
    `--regid=${uid}`,
    '--clear-groups',
    ...(allowed(...reading) ? reading : []),
  ]
}

function allowed(...flags: string[]): boolean {
  try {
    execFileSync('setpriv', ['--reuid=1', '--clear-groups', ...flags, 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function mayMount(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const NOBODY = 65534

const postmaster = async (folder: string): Promise<number> =>
  Number((await readFile(join(folder, 'postgres/postmaster.pid'), 'utf8')).split('\n')[0])
const uidOf = (pid: number): number =>
  Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1])

describe.skipIf(!linux || !root)('started by root', () => {
  test('the database works in a folder that is closed to everybody else', async () => {
    const closed = await tempFolder(0o700)
    const folder = join(closed, 'deep', 'data')
    await mkdir(folder, { recursive: true })
    const infra = await startInfraProcess(folder)
    expect(await query(infra.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }])
    await infra.kill('SIGKILL')
    await eventually(() => processesIn(closed).length === 0)
  })

  test('where user namespaces are forbidden it runs as an account without rights, and dies with us all the same', async () => {
    const closed = await tempFolder(0o700)
    const folder = join(closed, 'data')
    const PATH = await pathWith({ unshare: 'echo "unshare failed: Operation not permitted" >&2; exit 1' })
    // `git clone . "$(mktemp -d)"` leaves a folder like this, which is closed to all other accounts.
    const { program } = await copyCheckout(0o700)
    const first = await startInfraProcess(folder, { program, env: { PATH } })
    expect(uidOf(await postmaster(folder))).toBe(65534)
    await query(first.databaseUrl, 'create table kept as select 7 as number')
    await first.kill('SIGKILL')
    await eventually(() => processesIn(closed).length === 0)

    // The same folder is used on a machine that allows user namespaces, so the files change their owner.
    const second = await startInfraProcess(folder)
    expect(uidOf(await postmaster(folder))).toBe(0)
    expect(await query(second.databaseUrl, 'select number from kept')).toEqual([{ number: 7 }])
    await second.kill('SIGINT')
    const third = await startInfraProcess(folder, { env: { PATH } })
    expect(await query(third.databaseUrl, 'select number from kept')).toEqual([{ number: 7 }])
    await third.kill('SIGINT')
  })

  test.skipIf(!mayMount())('a system works whose only other account is `nobody`', async () => {
    const accounts = join(await tempFolder(), 'passwd')
    await writeFile(accounts, 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/nonexistent:/bin/false\n')
    const as = ['unshare', '--mount', 'sh', '-c', 'mount --bind "$0" /etc/passwd && exec "$@"', accounts]
    const infra = await startInfraProcess(await tempFolder(), { as })
    expect(await query(infra.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }])
    await infra.kill('SIGINT')
  })

  test('where nothing can lower its rights the start says what to do instead', async () => {
    const PATH = await pathWith({ unshare: 'exit 1', setpriv: 'exit 1' })
    const infra = launchInfra(await tempFolder(), { env: { PATH } })
    expect(await infra.ended).toBe(1)
    expect(infra.lines.join('\n')).toMatch(/start telekassa as an ordinary user, or set DATABASE_URL/)
  })
})

describe.skipIf(!linux || !root)('started by an ordinary user', () => {
  async function homeOf(uid: number): Promise<string> {
    const folder = await tempFolder(0o700)
    await chown(folder, uid, uid)
    return folder
  }

  test('the servers run under that account, in its closed folder, and die with it', async () => {
    const folder = await homeOf(NOBODY)
    const infra = await startInfraProcess(folder, { as: asUser(NOBODY) })
    expect(await query(infra.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }])
    expect(new Set(processesIn(folder).map(uidOf))).toEqual(new Set([NOBODY]))
    await infra.kill('SIGKILL')
    await eventually(() => processesIn(folder).length === 0)
  })

  test('a user id without an account works, as containers like to give one', async () => {
    const folder = await homeOf(54321)
    const { program } = await copyCheckout()
    const infra = await startInfraProcess(folder, { as: asUser(54321), program })
    expect(await query(infra.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }])
    await infra.kill('SIGKILL')
    await eventually(() => processesIn(folder).length === 0)
  })

  test('without setpriv they stop with a clean end, and what a kill -9 left is stopped by the next start', async () => {
    const folder = await homeOf(NOBODY)
    // The real setpriv changes the account; the started system finds the broken one.
    const as = [...asUser(NOBODY), 'env', `PATH=${await pathWith({ setpriv: 'exit 1', unshare: 'exit 1' })}`]
    const first = await startInfraProcess(folder, { as })
    await query(first.databaseUrl, 'create table kept as select 7 as number')
    const orphan = await postmaster(folder)
    await first.kill('SIGKILL')
    expect(processesIn(folder)).toContain(orphan)

    const second = await startInfraProcess(folder, { as })
    expect(await query(second.databaseUrl, 'select number from kept')).toEqual([{ number: 7 }])
    expect(await postmaster(folder)).not.toBe(orphan)
    expect(processesIn(folder)).not.toContain(orphan)
    await second.kill('SIGINT')
    expect(processesIn(folder)).toEqual([])
  })
})

test('libraries whose links npm did not make are linked before the first start', async () => {
  const { program, postgres } = await copyCheckout()
  const links = JSON.parse(readFileSync(join(postgres, 'native/pg-symlinks.json'), 'utf8')) as {
    target: string
  }[]
  expect(links.length).toBeGreaterThan(3)
  for (const { target } of links) unlinkSync(join(postgres, target))
  const infra = await startInfraProcess(await tempFolder(), { program })
  expect(await query(infra.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }])
  for (const { target } of links) expect(existsSync(join(postgres, target)), target).toBe(true)
  await infra.kill('SIGINT')
})
