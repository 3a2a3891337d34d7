import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTelegram } from '@telekassa/telegram-sandbox'
import { repository } from '../lib/compose.ts'
import { createDatabase } from '../lib/database.ts'
import type { TestDatabase } from '../lib/database.ts'
import { startNode } from '../lib/processes.ts'
import { redisUrl } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'

const BOT = { token: `7000000071:AA${'d'.repeat(33)}`, username: 'drawers_bot', name: 'Drawers' }

/** The drawers of rooms that each process loads besides the cores. */
const DRAWERS = {
  gateway: ['balance-api/door', 'payments/door', 'pictures/door', 'stars-premium/door', 'web/door'],
  billing: ['payments/worker'],
  fragment: ['stars-premium/worker'],
  images: ['pictures/worker'],
  broadcasts: ['mailings/worker'],
  exports: ['exports/worker'],
  upkeep: ['admin/worker', 'loyalty/worker', 'payments/worker', 'shelf/worker', 'support/worker'],
  bot: [
    'admin/bot',
    'exports/bot',
    'loyalty/bot',
    'mailings/bot',
    'payments/bot',
    'pictures/bot',
    'shelf/bot',
    'stars-premium/bot',
    'support/bot',
    'web/bot',
  ],
}

describe.skipIf(!redisAvailable())('a process loads the drawers that it works with and no others', () => {
  let telegram: Awaited<ReturnType<typeof startTelegram>>
  let database: TestDatabase
  let env: Record<string, string>

  beforeAll(async () => {
    telegram = await startTelegram({ bots: [BOT] })
    database = await createDatabase()
    env = {
      DATABASE_URL: database.url,
      REDIS_URL: await redisUrl(),
      QUEUE_PREFIX: `t${randomBytes(4).toString('hex')}`,
      BOT_TOKEN: BOT.token,
      BOTS: '',
      TELEGRAM_API_ROOT: telegram.url,
      ENCRYPTION_KEY: randomBytes(32).toString('base64'),
      PORT: '0',
      PUBLIC_URL: '',
      NODE_OPTIONS: `--import=${join(repository, 'tests/lib/report-drawers.ts')}`,
    }
  })
  afterAll(async () => {
    await database.drop()
    await telegram.close()
  })

  test.each(Object.entries(DRAWERS))('%s', async (role, drawers) => {
    const [entry, ...args] = role === 'gateway' ? ['gateway'] : ['worker', role]
    const started = startNode(join(repository, 'bin', `${entry}.ts`), args, { env, cwd: repository })
    await started.waitFor(/(gateway is|workers are) ready/)
    await started.kill('SIGTERM')
    const loaded = started.lines.flatMap((line) => /^DRAWER (.+)$/.exec(line)?.[1] ?? [])
    expect([...new Set(loaded)].toSorted()).toEqual(drawers)
  })
})
