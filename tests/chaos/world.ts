import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { migrate } from '../../src/shared/db/migrate.ts'
import { openDb } from '../../src/shared/db/db.ts'
import type { Db } from '../../src/shared/db/db.ts'
import { startPostgres } from '../../src/shared/infra/postgres.ts'
import { startRedis } from '../../src/shared/infra/redis.ts'
import { freePort } from '../../src/shared/infra/server.ts'
import { defaults } from '../../sandbox/fragment/settings.ts'
import { startProcess } from './processes.ts'
import type { Running } from './processes.ts'

export const BOT = { username: 'chaos_bot', token: `7000000042:AA${'c'.repeat(33)}` }
/** Two replicas of every worker that an order passes through. */
const ROLES = [
  'gateway',
  'bot',
  'bot',
  'billing',
  'billing',
  'fragment',
  'fragment',
  'upkeep',
  'upkeep',
] as const

export type World = Awaited<ReturnType<typeof openWorld>>

/** PostgreSQL, Redis, the imitations of Telegram and the reseller, a gateway and the workers: each a process. */
export async function openWorld() {
  const dataDir = await mkdtemp(join(tmpdir(), 'telekassa-chaos-'))
  const quiet = { info: () => {}, warn: () => {} }
  const postgres = await startPostgres({ dataDir, log: quiet })
  const redis = await startRedis({ dataDir, log: quiet })
  await migrate(postgres.url)
  const telegram = await startProcess('telegram', 'sandbox/telegram/main.ts', [], {}, /^http/)
  const fragment = await startProcess('fragment', 'sandbox/fragment/main.ts', [], {}, /^http/)
  const control = async <T>(path: string, method = 'GET', body?: unknown): Promise<T> => {
    const response = await fetch(`${telegram.ready}/control${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const answer = (await response.json()) as T
    if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`)
    return answer
  }
  const supplier = async <T>(action: string, body?: unknown): Promise<T> => {
    const url = `${fragment.ready.replace(/\/v1$/, '')}/control/${action}`
    return (await (await fetch(url, { method: 'POST', body: JSON.stringify(body ?? {}) })).json()) as T
  }
  await control('/settings', 'PUT', { chatPerSecond: 0, globalPerSecond: 0 })
  await control('/bots', 'POST', { ...BOT, name: 'Chaos' })
  const port = await freePort()
  const env: Record<string, string> = {
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    BOTS: JSON.stringify([{ name: 'main', token: BOT.token, admins: ['1'] }]),
    TELEGRAM_API_ROOT: telegram.ready,
    BOT_MODE: 'polling',
    ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    LOG_LEVEL: 'info',
    DATA_DIR: dataDir,
    FRAGMENT_API_URL: fragment.ready,
    FRAGMENT_API_KEY: defaults.apiKey,
    FRAGMENT_PHONE_NUMBER: defaults.phoneNumber,
    FRAGMENT_MNEMONICS: defaults.mnemonics.join(' '),
    FRAGMENT_CALLBACK_URL: `http://127.0.0.1:${port}`,
    FRAGMENT_TIMEOUT_MS: '2000',
    FRAGMENT_POLL_MS: '500',
    FRAGMENT_EVIDENCE_AFTER_MS: '5000',
    FRAGMENT_REVIEW_AFTER_MS: '15000',
  }
  const start = (role: string): Promise<Running> =>
    role === 'gateway'
      ? startProcess(role, 'bin/gateway.ts', [], { ...env, PORT: String(port) }, /gateway is ready/)
      : startProcess(
          role,
          'bin/worker.ts',
          [role],
          { ...env, PORT: '0', HEALTH_PORT: '0' },
          /workers are ready/,
        )
  const fleet: Running[] = []
  // A few at a time: starting all at once takes longer than one after another on two cores.
  for (const role of ROLES) fleet.push(await start(role))
  const db: Db = await openDb(postgres.url, { max: 4, name: 'chaos' })

  return {
    db,
    control,
    supplier,
    fleet,
    /** kill -9 of one process, and its replacement, as a supervisor would. */
    async kill(index: number): Promise<string> {
      const old = fleet[index]!
      await old.kill('SIGKILL')
      fleet[index] = await start(old.name).catch(() => start(old.name))
      return old.name
    },
    async rollingRestart(index: number): Promise<string> {
      const old = fleet[index]!
      await old.kill('SIGTERM')
      fleet[index] = await start(old.name).catch(() => start(old.name))
      return old.name
    },
    /** Both servers come back by themselves, with what they had written. */
    async killRedis() {
      process.kill(redis.pid(), 'SIGKILL')
      await sleep(1_500)
    },
    async restartPostgres() {
      process.kill(postgres.pid(), 'SIGINT')
      await sleep(2_500)
    },
    async wipeRedis() {
      const client = new Redis(redis.url)
      await client.flushall()
      await client.quit()
    },
    async close() {
      await Promise.all(fleet.map((one) => one.kill('SIGKILL')))
      await Promise.all([telegram, fragment].map((one) => one.kill('SIGKILL')))
      await db.close()
      await redis.stop()
      await postgres.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
