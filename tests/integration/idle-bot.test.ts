import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect } from 'vitest'
import { startTelegram } from '@telekassa/telegram-sandbox'
import { repository } from '../lib/compose.ts'
import { createDatabase } from '../lib/database.ts'
import type { TestDatabase } from '../lib/database.ts'
import { eventually } from '../lib/eventually.ts'
import { startNode } from '../lib/processes.ts'
import type { TestProcess } from '../lib/processes.ts'
import { startPrivateRedis, testOnRedis as test } from '../lib/redis.ts'
import type { PrivateRedis } from '../lib/redis.ts'

// What a bot process costs Redis while nobody writes to the bot, in counts of commands.

const BOT = { token: `7000000019:AA${'x'.repeat(33)}`, username: 'idle_bot', name: 'Idle' }

let telegram: Awaited<ReturnType<typeof startTelegram>>
let database: TestDatabase
let server: PrivateRedis
let redis: Redis
let bot: TestProcess | undefined
beforeAll(async () => {
  telegram = await startTelegram({ bots: [BOT] })
  database = await createDatabase()
  server = await startPrivateRedis()
  redis = new Redis(server.url)
})
afterAll(async () => {
  await bot?.kill('SIGTERM')
  redis.disconnect()
  await server.stop()
  await database.drop()
  await telegram.close()
})

const clients = async () =>
  String(await redis.client('LIST'))
    .trim()
    .split('\n').length

/** How often each command was called so far, inside of scripts too, without the commands of the test. */
async function calls(): Promise<Map<string, number>> {
  const stats = await redis.info('commandstats')
  const found = [...stats.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)].map(
    ([, name, count]) => [name!, Number(count)] as const,
  )
  return new Map(found.filter(([name]) => !['info', 'time', 'client|list'].includes(name)))
}

test('a bot process at rest has at most 8 connections and asks Redis at most 20 times a second', async () => {
  const before = await clients()
  bot = startNode(`${repository}/bin/worker.ts`, ['bot'], {
    env: {
      DATABASE_URL: database.url,
      REDIS_URL: server.url,
      BOT_TOKEN: BOT.token,
      BOTS: '',
      TELEGRAM_API_ROOT: telegram.url,
      ENCRYPTION_KEY: randomBytes(32).toString('base64'),
      PORT: '0',
      PUBLIC_URL: '',
    },
    cwd: repository,
  })
  await bot.waitFor(/workers are ready/)
  await eventually(async () => String(await redis.client('LIST')).includes('cmd=bzpopmin'))
  const seconds = async () => Number((await redis.time())[0])
  const [from, begun] = [await calls(), await seconds()]
  const passed = await eventually(async () => {
    const now = (await seconds()) - begun
    return now >= 10 ? now : undefined
  })
  const made = [...(await calls())].map(([name, count]) => [name, count - (from.get(name) ?? 0)] as const)
  const told = made.filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a)
  const total = told.reduce((sum, [, count]) => sum + count, 0)
  expect(total / passed, told.map((one) => one.join(' ')).join(', ')).toBeLessThanOrEqual(20)
  expect((await clients()) - before).toBeLessThanOrEqual(8)
})
