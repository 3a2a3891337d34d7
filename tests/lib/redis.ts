import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { inject, test } from 'vitest'
import { atEnd } from './at-end.ts'
import { reservePort } from './port.ts'
import { onPath, redisAvailable } from './requirements.ts'
import { startProcess } from './processes.ts'
import type { TestProcess } from './processes.ts'

/** The `test` of a file that needs Redis in every test: the file is left out on a machine without Redis. */
export const testOnRedis = test.skipIf(!redisAvailable())

/** The address of a logical database of the run's Redis that nobody else uses. Call it only if `redisAvailable()`. */
export async function redisUrl(): Promise<string> {
  const base = inject('redisUrl')
  if (!base)
    throw new Error('there is no redis-server here: guard the test with describe.skipIf(!redisAvailable())')
  const redis = new Redis(base)
  try {
    return `${base}/${await redis.incr('databases-given-out')}`
  } finally {
    await redis.quit()
  }
}

export interface PrivateRedis {
  url: string
  /** Kills the server with kill -9. */
  kill(): Promise<void>
  /** Starts the server again on the same port with the same data. */
  start(): Promise<void>
  /** Stops the server's process: its connections stay open, new ones are made, and nothing is answered. */
  freeze(): void
  thaw(): void
  stop(): Promise<void>
}

/** A Redis for tests that kill or wipe it. Settings are redis-server flags, such as `['--maxmemory-policy', 'allkeys-lru']`. */
export async function startPrivateRedis(settings: string[] = []): Promise<PrivateRedis> {
  const server = onPath('redis-server') ?? onPath('valkey-server')
  if (!server)
    throw new Error('there is no redis-server here: guard the test with describe.skipIf(!redisAvailable())')
  const dir = await mkdtemp(join(tmpdir(), 'telekassa-redis-'))
  const port = await reservePort()
  let running: TestProcess
  const start = async (): Promise<void> => {
    const aof = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', '']
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, ...aof, ...settings]
    running = startProcess([server, ...args])
    await running.waitFor(/Ready to accept connections/)
  }
  await start()
  atEnd(() => rm(dir, { recursive: true, force: true }))
  return {
    url: `redis://127.0.0.1:${port}`,
    kill: () => running.kill('SIGKILL'),
    start,
    freeze: () => void process.kill(running.pid, 'SIGSTOP'),
    thaw: () => void process.kill(running.pid, 'SIGCONT'),
    stop: () => running.kill('SIGTERM'),
  }
}
