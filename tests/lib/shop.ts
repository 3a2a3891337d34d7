import { goods } from '#shop/goods.ts'
import { catalogue } from '#shop/jobs.ts'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { startTelegram } from '@telekassa/telegram-sandbox'
import { startGateway } from '#gateway/start.ts'
import type { RunningGateway } from '#gateway/start.ts'
import { readConfig } from '#shop/config.ts'
import type { Shared } from '#shared/context.ts'
import type { Db } from '#shared/db/db.ts'
import { prove } from '#shared/money/proof.ts'
import { readBalance } from '#shared/money/read.ts'
import { createLog } from '#shared/log.ts'
import { createMetrics } from '#shared/metrics.ts'
import { openBackend } from '#shared/queue/backend.ts'
import { openProducer } from '#shared/queue/producer.ts'
import { secretsFrom } from '#shared/secrets.ts'
import { startWorker, workerTypes } from '#workers/run.ts'
import { startCutProxy } from './cut-proxy.ts'
import type { CutProxy } from './cut-proxy.ts'
import { createDatabase, openTestDb } from './database.ts'
import { eventually } from './eventually.ts'
import { controlOf, phoneOf } from './phone.ts'
import { reservePort } from './port.ts'
import { redisUrl } from './redis.ts'

export const ADMIN = 900
export const TOKENS = {
  main: `7000000001:${'AAmain_secret_of_the_first_bot_'.padEnd(35, 'x')}`,
  second: `7000000002:${'AAsecond_secret_of_the_other_'.padEnd(35, 'y')}`,
}

export interface ShopOptions {
  workers?: string[]
  mode?: 'polling' | 'webhook'
  gateway?: boolean
  env?: Record<string, string>
  /** Settings of the simulated Telegram. */
  telegram?: Record<string, unknown>
  /** A Redis of the test's own, which it may kill. */
  redis?: string
  /** Collects what is logged, at level debug. */
  lines?: string[]
  secrets?: string[]
}

let lastPerson = 5_000_000_000

/**
 * The shop in this process: gateway, workers, simulated Telegram with two bots, a database behind a proxy that can be
 * cut, a Redis. It is closed when the test file ends, and its ledger must add up.
 */
export async function openShop(options: ShopOptions = {}) {
  const database = await createDatabase()
  const proxy: CutProxy = await startCutProxy(database.url)
  const telegram = await startTelegram({
    bots: [
      { token: TOKENS.main, username: 'main_bot', name: 'Main', stars: 1000 },
      { token: TOKENS.second, username: 'second_bot', name: 'Second', stars: 1000 },
    ],
    settings: { chatPerSecond: 0, globalPerSecond: 0, setWebhookMs: 0, ...options.telegram },
  })
  const dataDir = await mkdtemp(join(tmpdir(), 'telekassa-shop-'))
  const port = await reservePort()
  const redis = options.redis ?? (await redisUrl())
  const config = readConfig({
    BOTS: JSON.stringify([
      { name: 'main', token: TOKENS.main, admins: [ADMIN] },
      { name: 'second', token: TOKENS.second, admins: [] },
    ]),
    PORT: String(port),
    DATA_DIR: dataDir,
    QUEUE_PREFIX: `t${randomBytes(4).toString('hex')}`,
    BOT_MODE: options.mode ?? 'polling',
    ALLOW_HTTP_WEBHOOK: 'true',
    TELEGRAM_API_ROOT: telegram.url,
    ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    LOG_LEVEL: options.lines ? 'debug' : (process.env.TEST_LOG ?? 'silent'),
    ...options.env,
  })
  const backend = await openBackend({ kind: 'redis', url: redis }, config.queuePrefix)
  const { lines } = options
  const shared: Shared = {
    config,
    log: createLog({
      level: config.logLevel,
      name: 'test',
      secrets: options.secrets,
      ...(lines && { to: { write: (line: string) => void lines.push(line) } }),
    }),
    metrics: createMetrics(),
    backend,
    goods,
    producer: openProducer(backend, catalogue, secretsFrom(config)),
  }
  const db: Db = await openTestDb(database.url, { max: 8, name: 'test' })
  const names = options.workers ?? ['bot', 'billing']
  const workers = await Promise.all(
    workerTypes
      .filter((type) => names.includes(type.name))
      .map((type) => startWorker(type, shared, proxy.url)),
  )
  const gateway: RunningGateway | undefined =
    options.gateway === false ? undefined : await startGateway(shared, proxy.url)

  const control = controlOf(`${telegram.url}/control`)

  /** Somebody with a phone who has started the bot and buys tokens. */
  async function person(profile: { id?: number; bot?: string; [field: string]: unknown } = {}) {
    const { id = lastPerson++, bot = 'main_bot', ...fields } = profile
    const phone = phoneOf(control, bot, id)
    await phone.create({ started: [bot], ...fields })
    const tokens = async () => (await readBalance(db, BigInt(id), 'TOK')).available
    /** Opens the invoice for a pack of so many tokens. @returns its link */
    async function order(count: number): Promise<string> {
      await phone.say('/buy')
      await phone.press(new RegExp(`^${count}\\s`))
      return (await phone.key('Pay ')).key.url!
    }
    return {
      ...phone,
      tokens,
      order,
      async buy(count: number) {
        const link = await order(count)
        const paid = await phone.pay(link)
        if (paid.outcome !== 'paid') throw new Error(`not paid: ${JSON.stringify(paid)}`)
        await eventually(async () => (await tokens()) >= BigInt(count), { what: 'the tokens' })
        return { ...paid, link }
      },
    }
  }

  let closed = false
  async function close() {
    if (closed) return
    closed = true
    await gateway?.stop()
    await Promise.all(workers.map((worker) => worker.stop(3_000)))
    await telegram.close()
    const proof = await prove(db)
    await backend.close()
    await db.close()
    await proxy.close()
    await database.drop()
    await rm(dataDir, { recursive: true, force: true })
    if (!proof.ok) throw new Error('the ledger does not add up')
  }
  afterAll(close)

  return {
    config,
    shared,
    db,
    proxy,
    database,
    redis,
    telegram,
    url: gateway?.url ?? '',
    control,
    person,
    close,
    /** The Telegram calls that a bot made. */
    calls: (method: string) =>
      control<{ ok: boolean; params: Record<string, unknown>; description?: string; bot: string }[]>(
        'GET',
        `/requests?method=${method}&limit=10000`,
      ),
    fault: (rule: object) => control('POST', '/faults', rule),
    /** A raw update for a bot, as if Telegram had it. */
    inject: (update: object, bot = 'main_bot') =>
      control<{ update_id: number }>('POST', '/updates', { bot, update }),
  }
}

export type Shop = Awaited<ReturnType<typeof openShop>>
export type Customer = Awaited<ReturnType<Shop['person']>>
