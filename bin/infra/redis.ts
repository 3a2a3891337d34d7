import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { access, constants, mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { claimFolder, outliveLeftover } from './folder.ts'
import { onFreePort, runServer } from './server.ts'
import type { InfraLog } from './server.ts'
import { tied } from './tether.ts'

const run = promisify(execFile)

export interface RedisProgram {
  path: string
  version: string
  /** Whether BullMQ can use it: its scripts need 6.2. */
  usable: boolean
}

/**
 * Finds the first redis-server or valkey-server on PATH that is new enough, else the first that is too old, else
 * undefined.
 */
export async function findRedis(path: string = process.env['PATH'] ?? ''): Promise<RedisProgram | undefined> {
  let old: RedisProgram | undefined
  for (const name of ['redis-server', 'valkey-server']) {
    for (const folder of path.split(delimiter).filter(Boolean)) {
      const program = await inspect(join(folder, name))
      if (program?.usable) return program
      old ??= program
    }
  }
  return old
}

async function inspect(path: string): Promise<RedisProgram | undefined> {
  try {
    await access(path, constants.X_OK)
    const { stdout } = await run(path, ['--version'])
    const [, version, major, minor] = /v=((\d+)\.(\d+)[^ ]*)/.exec(stdout) ?? []
    if (!version) return undefined
    const usable = Number(major) > 6 || (Number(major) === 6 && Number(minor) >= 2)
    return { path, version, usable }
  } catch {
    return undefined
  }
}

/**
 * Starts a Redis server of our own on 127.0.0.1 with a password of its own. It answers a write only when the write
 * is on the disk, and it never evicts a key. Its data stays in `dataDir`/redis.
 * @throws FolderInUse, ServerFailed
 */
export async function startRedis(options: {
  dataDir: string
  log: InfraLog
  port?: number
  /** How many databases the server has; tests give each file one. */
  databases?: number
  /** When a write is on the disk: before it is answered, or within a second. */
  fsync?: 'always' | 'everysec'
}): Promise<{ url: string; pid: () => number; stop: () => Promise<void> }> {
  const { log } = options
  const program = await findRedis()
  if (!program?.usable) throw new Error('no redis-server of version 6.2 or newer on PATH: set REDIS_URL')

  const folder = resolve(options.dataDir, 'redis')
  const release = await claimFolder(options.dataDir, 'redis')
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await outliveLeftover(folder, join(folder, 'redis.pid'), 'SIGTERM')
    const { prefix } = await tied(program.path, 'TERM')
    const password = randomBytes(24).toString('base64url')
    const started = await onFreePort(options.port, async (port) => {
      const settings = join(folder, 'redis.conf')
      const lines = [
        `port ${port}`,
        'bind 127.0.0.1',
        `requirepass ${password}`,
        `dir ${JSON.stringify(folder)}`,
        'pidfile redis.pid',
        'daemonize no',
        `databases ${options.databases ?? 16}`,
        'appendonly yes',
        `appendfsync ${options.fsync ?? 'always'}`,
        'save ""',
        'maxmemory-policy noeviction',
      ]
      await writeFile(settings, lines.join('\n') + '\n', { mode: 0o600 })
      const server = await runServer({
        name: 'redis-server',
        command: [...prefix, program.path, settings],
        cwd: folder,
        ready: /Ready to accept connections/,
        alarming: /FATAL|# (?!.*(overcommit|Warning:|WARNING)).*(error|can't|failed|oom)/i,
        stopSignals: [
          ['SIGTERM', 5000],
          ['SIGKILL', 2000],
        ],
        log,
      })
      return { server, port }
    })
    return {
      url: `redis://:${password}@127.0.0.1:${started.port}`,
      pid: started.server.pid,
      async stop() {
        await started.server.stop()
        await release()
      },
    }
  } catch (error) {
    await release()
    throw error
  }
}
