import { goods } from '#shop/goods.ts'
import { catalogue } from '#shop/jobs.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql as q } from 'kysely'
import { expect } from 'vitest'
import { startTelegram } from '@telekassa/telegram-sandbox'
import { startGateway } from '#gateway/start.ts'
import { readConfig } from '#shop/config.ts'
import { knownSecrets } from '#shared/config/known-secrets.ts'
import type { Shared } from '#shared/context.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import { readBalance } from '#shared/money/read.ts'
import { prove } from '#shared/money/proof.ts'
import { createLog } from '#shared/log.ts'
import { createMetrics } from '#shared/metrics.ts'
import type { Asset } from '#shared/money.ts'
import { ensurePerson } from '#shared/people.ts'
import { openBackend } from '#shared/queue/backend.ts'
import { openProducer } from '#shared/queue/producer.ts'
import { secretsFrom } from '#shared/secrets.ts'
import { startWorker, workerTypes } from '#workers/run.ts'
import { createDatabase, openTestDb } from './database.ts'
import { controlOf, phoneOf, type Words } from './phone.ts'
import { redisUrl } from './redis.ts'

export const OWNER = 1
export const SECOND = 2
const TOKENS = [
  '7000000001:AAmainmainmainmainmainmainmainmainm',
  '7000000002:AAsecondsecondsecondsecondsecondsec',
]
export const BOT_NAMES = ['main_bot', 'second_bot'] as const

export interface AdminShopOptions {
  workers?: string[]
  telegram?: Record<string, unknown>
  env?: Record<string, string>
  gateway?: boolean
  /** Gets every line from trace on. */
  logTo?: { write(line: string): void }
}

export type AdminShop = Awaited<ReturnType<typeof openAdminShop>>

/** Two bots on a simulated Telegram, a database and a queue of its own, the workers in this process. */
export async function openAdminShop(options: AdminShopOptions = {}) {
  const stops: (() => Promise<unknown>)[] = []
  const telegram = await startTelegram({
    bots: TOKENS.map((token, index) => ({ token, username: BOT_NAMES[index]!, name: BOT_NAMES[index]! })),
    settings: { chatPerSecond: 0, globalPerSecond: 0, ...options.telegram },
  })
  const database = await createDatabase()
  const dataDir = await mkdtemp(join(tmpdir(), 'telekassa-admin-'))
  const env: Record<string, string> = {
    DATABASE_URL: database.url,
    REDIS_URL: await redisUrl(),
    DATA_DIR: dataDir,
    BOTS: JSON.stringify([
      { name: 'main', token: TOKENS[0], admins: [OWNER] },
      { name: 'second', token: TOKENS[1], admins: [OWNER] },
    ]),
    BOT_MODE: 'polling',
    TELEGRAM_API_ROOT: telegram.url,
    TELEGRAM_SEND_RATE: '1000',
    TELEGRAM_CHAT_RATE: '0',
    ENCRYPTION_KEY: Buffer.alloc(32, 5).toString('base64'),
    PORT: '0',
    LOG_LEVEL: 'silent',
    ...options.env,
  }
  const config = readConfig(env)
  const db = await openTestDb(database.url, { max: 6, name: 'test' })
  const backend = await openBackend({ kind: 'redis', url: env.REDIS_URL! }, config.queuePrefix)
  const shared: Shared = {
    config,
    log: createLog({
      level: options.logTo ? 'trace' : (process.env.TEST_LOG ?? 'silent'),
      name: 'test',
      secrets: knownSecrets(config),
      ...(options.logTo && { to: options.logTo }),
    }),
    metrics: createMetrics(),
    backend,
    goods,
    producer: openProducer(backend, catalogue, secretsFrom(config)),
  }
  const names = options.workers ?? ['bot', 'billing', 'broadcasts', 'exports']
  for (const type of workerTypes.filter(({ name }) => names.includes(name))) {
    const worker = await startWorker(type, shared, database.url)
    stops.push(() => worker.stop(3_000))
  }
  let gatewayUrl = ''
  if (options.gateway ?? true) {
    const gateway = await startGateway(shared, database.url)
    gatewayUrl = gateway.url
    stops.push(() => gateway.stop())
  }

  const control = controlOf(`${telegram.url}/control`)
  const person = (id: number, first_name = `Person ${id}`, more: Record<string, unknown> = {}) =>
    control('POST', '/people', { id, first_name, language_code: 'en', started: [...BOT_NAMES], ...more })
  await person(OWNER, 'Olga')
  await person(SECOND, 'Sergey')

  const phone = (id: number, bot = 0) => phoneOf(control, BOT_NAMES[bot]!, id)
  const messages = (id: number, bot = 0) => phone(id, bot).messages()

  return {
    ...shared,
    db,
    env,
    gatewayUrl,
    telegram,
    control,
    person,
    phone,
    messages,
    last: async (id: number, bot = 0) => (await messages(id, bot)).findLast(({ from }) => from === 'bot'),
    say: (id: number, text: string, bot = 0) => phone(id, bot).say(text),
    send: (id: number, message: Record<string, unknown>, bot = 0) => phone(id, bot).send(message),
    sees: (id: number, words: Words, bot = 0) => phone(id, bot).hears(words),
    press: (id: number, words: Words, bot = 0) => phone(id, bot).press(words),
    pressData: (id: number, message_id: number, data: string, bot = 0) =>
      phone(id, bot).tap(message_id, data),
    calls: (method: string, bot = 0) =>
      control<{ params: Record<string, unknown>; ok: boolean; status: number; at: number }[]>(
        'GET',
        `/requests?bot=${BOT_NAMES[bot]}&method=${method}&limit=10000`,
      ),
    async give(id: number, amount: bigint, asset: Asset = 'TOK') {
      await ensurePerson(db, BigInt(id), 'main')
      await post(
        db,
        transfer(
          { system: 'adjustments' },
          { person: BigInt(id) },
          { asset, amount },
          { reference: `given-${Math.random()}`, kind: 'entry' },
        ),
      )
    },
    money: async (id: number, asset: Asset = 'TOK') => (await readBalance(db, BigInt(id), asset)).available,
    audits: (action: string) =>
      db.rows(q<{ actor: bigint; target: string; details: Record<string, unknown> }>`
        select actor_id as actor, target, details from audit_log where action = ${action} order by id`),
    async close() {
      expect(await prove(db)).toMatchObject({ ok: true })
      for (const stop of stops.toReversed()) await stop()
      await shared.backend.close()
      await db.close()
      await database.drop()
      await telegram.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
