import { execFileSync } from 'node:child_process'
import { mkdtemp, writeFile, chmod, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { atEnd } from './at-end.ts'
import { reservePort } from './port.ts'
import { onPath } from './requirements.ts'
import { startProcess } from './processes.ts'

/** Whether the PgBouncer on PATH takes a client's named statements along: 1.21 or newer. */
export function keepsStatements(): boolean {
  const program = onPath('pgbouncer')
  if (!program) return false
  const [, major, minor] =
    /PgBouncer (\d+)\.(\d+)/.exec(execFileSync(program, ['--version'], { encoding: 'utf8' })) ?? []
  return Number(major) * 100 + Number(minor) >= 121
}

/**
 * Writes the settings of a PgBouncer in transaction mode in front of a database, with these lines added.
 * @returns the file, and the address at which the database is reached through it
 */
export async function writePgBouncer(
  dir: string,
  databaseUrl: string,
  settings: Record<string, string | number> = {},
): Promise<{ url: string; file: string }> {
  const { hostname, port, username, password, pathname } = new URL(databaseUrl)
  const name = pathname.slice(1)
  const listenPort = await reservePort()
  const server = [
    `host=${hostname}`,
    `port=${port}`,
    `dbname=${name}`,
    `user=${decodeURIComponent(username)}`,
    `password='${decodeURIComponent(password)}'`,
  ]
  const lines = {
    listen_addr: '127.0.0.1',
    listen_port: listenPort,
    unix_socket_dir: '',
    auth_type: 'any',
    pool_mode: 'transaction',
    default_pool_size: 5,
    // PgBouncer refuses to run as root.
    ...(process.getuid?.() === 0 && { user: 'nobody' }),
    ...settings,
  }
  const file = join(dir, 'pgbouncer.ini')
  const text = Object.entries(lines).map(([key, value]) => `${key} = ${value}`)
  await writeFile(
    file,
    ['[databases]', `${name} = ${server.join(' ')}`, '[pgbouncer]', ...text, ''].join('\n'),
  )
  return { url: `postgres://${username}@127.0.0.1:${listenPort}/${name}`, file }
}

/** Starts PgBouncer as written above. The caller makes sure that PgBouncer is on PATH. */
export async function startPgBouncer(
  databaseUrl: string,
  settings: Record<string, string | number> = {},
): Promise<{ url: string; stop(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'telekassa-pgbouncer-'))
  const { url, file } = await writePgBouncer(dir, databaseUrl, settings)
  await chmod(dir, 0o755)
  const running = startProcess([onPath('pgbouncer')!, file])
  atEnd(() => rm(dir, { recursive: true, force: true }))
  await running.waitFor(/process up/)
  return { url, stop: () => running.kill('SIGKILL') }
}
