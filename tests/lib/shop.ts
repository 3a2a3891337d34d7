import { goods } from '#shop/goods.ts'
import { catalogue } from '#shop/jobs.ts'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTelegram } from '@telekassa/telegram-sandbox'
import { startGateway } from '#gateway/start.ts'
import { buildGateway } from '#gateway/gateway.ts'
import { readConfig } from '#shop/config.ts'
import { knownSecrets } from '#shared/config/known-secrets.ts'
import type { Shared } from '#shared/context.ts'
import type { Db } from '#shared/db/db.ts'
import { prove } from '#shared/money/proof.ts'
import { readBalance } from '#shared/money/read.ts'
import { createLog } from '#shared/log.ts'
import { createMetrics } from '#shared/metrics.ts'
import { openBackend } from '#shared/queue/backend.ts'
import { openProducer } from '#shared/queue/producer.ts'
import { secretsFrom } from '#shared/secrets.ts'
import { registerBots } from '#shared/telegram/identify.ts'
import type { WorkerType } from '#shared/worker.ts'
import { startWorker, workerTypes } from '#workers/run.ts'
import { atEnd } from './at-end.ts'
import { startCutProxy } from './cut-proxy.ts'
import type { CutProxy } from './cut-proxy.ts'
import { createDatabase, openTestDb } from './database.ts'
import { eventually } from './eventually.ts'
import { controlOf, phoneOf } from './phone.ts'
import { reservePort } from './port.ts'
import { redisUrl } from './redis.ts'

export const ADMIN = 900
/**
 * Calls to Telegram arrive, and are answered, up to so many ms late, each by chance. `TELEGRAM_JITTER_MS=400
 * npm test -- tests/integration` finds tests and places of the shop that rely on an order which only a near
 * Telegram keeps.
 */
const JITTER_MS = Number(process.env['TELEGRAM_JITTER_MS'] ?? 0)
export const TOKENS = {
  main: `7000000001:${'AAmain_secret_of_the_first_bot_'.padEnd(35, 'x')}`,
  second: `7000000002:${'AAsecond_secret_of_the_other_'.padEnd(35, 'y')}`,
}

/** A bot of the shop; its user name on the simulated Telegram is `<name>_bot` unless told otherwise. */
export interface ShopBot {
  name: string
  token: string
  admins?: (number | string)[]
  username?: string
  stars?: number
}

const BOTS: ShopBot[] = [
  { name: 'main', token: TOKENS.main, admins: [ADMIN], stars: 1000 },
  { name: 'second', token: TOKENS.second, stars: 1000 },
]

export interface ShopOptions {
  bots?: ShopBot[]
  /** Workers that run in this process: their names, or types that a test has changed. */
  workers?: (string | WorkerType)[]
  mode?: 'polling' | 'webhook'
  /** `doors`: the server without bots; `false`: no gateway at all. */
  gateway?: boolean | 'doors'
  env?: Record<string, string>
  /** Settings of the simulated Telegram. */
  telegram?: Record<string, unknown>
  /** The address of the test's own Redis, which the test may kill. */
  redis?: string
  /** Collects what is logged, at level debug. */
  lines?: string[]
  /** Receives every log line, from level trace on. */
  logTo?: { write(line: string): void }
  secrets?: string[]
  /** How many connections the test itself has to the database. */
  connections?: number
  /**
   * Whether gateway and workers reach the database through a proxy that a test can cut; they do unless this
   * is false.
   */
  proxied?: boolean
}

let lastPerson = 5_000_000_000

/**
 * The shop in this process: gateway, workers, a simulated Telegram with the bots, a database behind a proxy
 * that can be cut, a Redis. The shop is closed when the test file ends, and its ledger must add up. `env` has
 * the variables for processes that a test starts beside it.
 */
export async function openShop(options: ShopOptions = {}) {
  const { bots = BOTS, lines } = options
  const database = await createDatabase()
  const proxy: CutProxy = await startCutProxy(database.url)
  const way = options.proxied === false ? database.url : proxy.url
  const telegram = await startTelegram({
    bots: bots.map(({ name, token, username = `${name}_bot`, stars }) => ({
      token,
      username,
      name: name[0]!.toUpperCase() + name.slice(1),
      ...(stars !== undefined && { stars }),
    })),
    settings: {
      chatPerSecond: 0,
      globalPerSecond: 0,
      setWebhookMs: 0,
      jitterMs: JITTER_MS,
      ...options.telegram,
    },
  })
  const dataDir = await mkdtemp(join(tmpdir(), 'telekassa-shop-'))
  const redis = options.redis ?? (await redisUrl())
  const env: Record<string, string> = {
    BOTS: JSON.stringify(bots.map(({ name, token, admins = [] }) => ({ name, token, admins }))),
    DATABASE_URL: database.url,
    REDIS_URL: redis,
    PORT: options.env?.PORT ?? String(await reservePort()),
    DATA_DIR: dataDir,
    QUEUE_PREFIX: `t${randomBytes(4).toString('hex')}`,
    BOT_MODE: options.mode ?? 'polling',
    ALLOW_HTTP_WEBHOOK: 'true',
    TELEGRAM_API_ROOT: telegram.url,
    ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    LOG_LEVEL: lines ? 'debug' : (process.env.TEST_LOG ?? 'silent'),
    ...options.env,
  }
  const config = readConfig(env)
  const backend = await openBackend(
    { kind: 'redis', url: redis, map: config.redisQueues },
    config.queuePrefix,
  )
  const shared: Shared = {
    config,
    log: createLog({
      level: options.logTo ? 'trace' : config.logLevel,
      name: 'test',
      secrets: options.logTo ? knownSecrets(config) : options.secrets,
      ...(options.logTo && { to: options.logTo }),
      ...(lines && { to: { write: (line: string) => void lines.push(line) } }),
    }),
    metrics: createMetrics(),
    backend,
    goods,
    producer: openProducer(backend, catalogue, secretsFrom(config)),
  }
  const db: Db = await openTestDb(database.url, { max: options.connections ?? 8, name: 'test' })
  await registerBots(db, config.bots)
  const workers = await Promise.all(
    (options.workers ?? ['bot', 'billing'])
      .map((one) => (typeof one === 'string' ? workerTypes.find(({ name }) => name === one)! : one))
      .map((type) => startWorker(type, shared, way)),
  )
  const gateway = options.gateway === false ? undefined : await openGateway()
  async function openGateway(): Promise<{ url: string; stop(): Promise<unknown> }> {
    if (options.gateway !== 'doors') return startGateway(shared, way)
    const app = await buildGateway({ ...shared, db })
    return { url: await app.listen({ host: '127.0.0.1', port: 0 }), stop: () => app.close() }
  }

  const control = controlOf(`${telegram.url}/control`)

  /** A person with a phone who knows the bot, can press Start and can buy tokens. */
  async function person(profile: { id?: number; bot?: string; [field: string]: unknown } = {}) {
    const { id = lastPerson++, bot = 'main_bot', ...fields } = profile
    const phone = phoneOf(control, bot, id)
    await phone.create({ started: [bot], ...fields })
    const tokens = async () => (await readBalance(db, BigInt(id), 'TOK')).available
    /**
     * Opens the invoice for a pack of so many tokens.
     * @returns the link of the invoice
     */
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

  const stops: (() => Promise<unknown>)[] = []
  let closed = false
  async function close() {
    if (closed) return
    closed = true
    await gateway?.stop()
    await Promise.all(workers.map((worker) => worker.stop(3_000)))
    for (const stop of stops.toReversed()) await stop()
    await telegram.close()
    const proof = await prove(db)
    await backend.close()
    await db.close()
    await proxy.close()
    await database.drop()
    await rm(dataDir, { recursive: true, force: true })
    if (!proof.ok) throw new Error(`the ledger does not add up: ${JSON.stringify(proof, asText)}`)
  }
  atEnd(close)

  return {
    env,
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
    /**
     * Takes the stop of a server that a test starts beside the shop. Stops run after the workers have ended,
     * the newest first.
     */
    onClose: (stop: () => Promise<unknown>) => void stops.push(stop),
    /** The Telegram calls that a bot made. */
    calls: (method: string) =>
      control<{ ok: boolean; params: Record<string, unknown>; description?: string; bot: string }[]>(
        'GET',
        `/requests?method=${method}&limit=10000`,
      ),
    fault: (rule: object) => control('POST', '/faults', rule),
    /** Gives a bot a raw update, as Telegram would. */
    inject: (update: object, bot = 'main_bot') =>
      control<{ update_id: number }>('POST', '/updates', { bot, update }),
  }
}

const asText = (_key: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)

export type Shop = Awaited<ReturnType<typeof openShop>>
export type Customer = Awaited<ReturnType<Shop['person']>>
