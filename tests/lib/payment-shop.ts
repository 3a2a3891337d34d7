import { goods } from '#shop/goods.ts'
import { catalogue } from '#shop/jobs.ts'
import { randomBytes } from 'node:crypto'
import { environment, startPayment, type VendorName } from '../../sandbox/payments/start.ts'
import type { Running } from '../../sandbox/payments/start-vendor.ts'
import { startTelegram } from '@telekassa/telegram-sandbox'
import { buildGateway } from '#gateway/gateway.ts'
import type { DoorContext } from '#shared/door.ts'
import { startGateway } from '#gateway/start.ts'
import { readConfig } from '#shop/config.ts'
import type { Db } from '#shared/db/db.ts'
import type { Payment } from '#shared/money/tables.ts'
import { newId } from '#shared/ids.ts'
import { prove } from '#shared/money/proof.ts'
import { readBalance } from '#shared/money/read.ts'
import { createLog } from '#shared/log.ts'
import { createMetrics } from '#shared/metrics.ts'
import type { Asset, Money } from '#shared/money.ts'
import { beginTopUp, type TopUp } from '#shop/payments/top-up.ts'
import { readPayment } from '#shop/payments/payments.ts'
import { ensurePerson } from '#shared/people.ts'
import type { PaymentProvider } from '#shop/payments/providers/port.ts'
import { paymentProviders } from '#shop/payments/providers/registry.ts'
import { openBackend } from '#shared/queue/backend.ts'
import { openProducer, type Producer } from '#shared/queue/producer.ts'
import { secretsFrom } from '#shared/secrets.ts'
import { startRelay } from '#shared/queue/relay.ts'
import { startWorker, workerTypes } from '#workers/run.ts'
import { registerBots } from '#shared/telegram/identify.ts'
import { createDatabase, openTestDb } from './database.ts'
import { eventually } from './eventually.ts'
import { redisUrl } from './redis.ts'

export const BOT = { name: 'main', token: `100:${'A'.repeat(35)}`, admins: ['77', '78', '79', '80'] }

export interface PaymentShop {
  db: Db
  producer: Producer
  /** The gateway's address. */
  url: string
  telegramUrl: string
  env: Record<string, string>
  vendors: Record<string, Running>
  provider(name: VendorName): PaymentProvider
  /** Begins a payment of a person; resolves when it has its link or will have none, or after `waitMs`. */
  begin(name: VendorName, topUp?: Partial<TopUp> & { waitMs?: number }): Promise<Payment>
  payment(id: string): Promise<Payment>
  has(personId: bigint, asset?: Asset): Promise<bigint>
  /** What the ledger's proof says, and that every job is done. */
  close(): Promise<void>
}

/**
 * The shop's money path in this process: gateway, workers, a database and a Redis of its own, and real simulators of
 * the vendors. `workers: []` leaves the work to processes of the test's own, which take `env`.
 */
export async function openPaymentShop(options: {
  vendors: VendorName[]
  workers?: string[]
  redis?: string
  gateway?: boolean
  /** A simulated Telegram with the bot in it, polled by the gateway, and the bot worker. */
  telegram?: boolean
}): Promise<PaymentShop> {
  const database = await createDatabase()
  const queueUrl = options.redis ?? (await redisUrl())
  const vendors: Record<string, Running> = {}
  for (const name of options.vendors) {
    vendors[name] = await startPayment(name, { settings: { retryBaseMs: 50, retryMaxMs: 400 } })
  }
  const telegram = options.telegram
    ? await startTelegram({
        bots: [{ token: BOT.token, username: 'main_bot', name: 'Main' }],
        settings: { chatPerSecond: 0, globalPerSecond: 0 },
      })
    : undefined
  const urls = Object.fromEntries(Object.entries(vendors).map(([name, vendor]) => [name, vendor.url]))
  const env: Record<string, string> = {
    ...environment(urls),
    BOTS: JSON.stringify([BOT]),
    DATABASE_URL: database.url,
    REDIS_URL: queueUrl,
    QUEUE_PREFIX: `t${randomBytes(4).toString('hex')}`,
    ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    TELEGRAM_SEND_RATE: '1000',
    TELEGRAM_CHAT_RATE: '0',
    TELEGRAM_API_ROOT: telegram?.url ?? 'http://127.0.0.1:9',
    BOT_MODE: 'polling',
    LOG_LEVEL: process.env['TEST_LOG'] ?? 'silent',
    PORT: '0',
  }
  const config = readConfig(env)
  const log = createLog({ level: config.logLevel, name: 'test' })
  const backend = await openBackend({ kind: 'redis', url: queueUrl }, config.queuePrefix)
  const shared = {
    config,
    log,
    metrics: createMetrics(),
    backend,
    goods,
    producer: openProducer(backend, catalogue, secretsFrom(config)),
  }
  const db = await openTestDb(database.url, { max: 8, name: 'test' })
  await registerBots(db, config.bots)
  const gateway = telegram
    ? await startGateway(shared, database.url)
    : options.gateway === false
      ? undefined
      : await doorsOnly({ ...shared, db })
  const url = gateway?.url ?? ''
  const webhooks = (gatewayUrl: string) => {
    for (const [name, vendor] of Object.entries(vendors)) {
      const path = name === 'mulenpay' ? 'mulenpay/sim-mulenpay-token' : name
      vendor.settings.webhookUrl = `${gatewayUrl}/webhooks/${path}`
    }
  }
  if (url) webhooks(url)
  const names = options.workers ?? (telegram ? ['billing', 'bot'] : ['billing'])
  const types = workerTypes.filter((type) => names.includes(type.name))
  const workers = await Promise.all(types.map((type) => startWorker(type, shared, database.url)))
  // What tests owe leaves at once, rather than with a worker's next round.
  const relay = startRelay(db, shared.producer, log, 20)
  const providers = paymentProviders(config.payments)

  const payment = async (id: string) => (await readPayment(db, id)) as Payment
  return {
    db,
    producer: shared.producer,
    url,
    telegramUrl: telegram?.url ?? '',
    env,
    vendors,
    provider: (name) => providers.get(name) as PaymentProvider,
    payment,
    async begin(name, { waitMs, ...topUp } = {}) {
      const id = topUp.id ?? newId()
      const pay: Money = topUp.pay ?? { asset: 'RUB', amount: 100_000n }
      const personId = topUp.personId ?? 5n
      await ensurePerson(db, personId, BOT.name)
      const all: TopUp = {
        id,
        personId,
        bot: BOT.name,
        pay,
        description: 'Пополнение',
        language: 'ru',
        ...topUp,
      }
      await db.tx((tx) => beginTopUp(tx, providers.get(name) as PaymentProvider, all))
      const linked = eventually(async () => (await payment(id)).state !== 'created', {
        what: 'the link to pay',
        ...(waitMs && { timeoutMs: waitMs }),
      })
      await (waitMs ? linked.catch(() => undefined) : linked)
      return payment(id)
    },
    has: async (personId, asset = 'RUB') => (await readBalance(db, personId, asset)).available,
    async close() {
      await gateway?.stop()
      await Promise.all(Object.values(vendors).map((vendor) => vendor.close()))
      await Promise.all(workers.map((worker) => worker.stop(3_000)))
      await relay.stop()
      await telegram?.close()
      const proof = await prove(db)
      await backend.close()
      await db.close()
      await database.drop()
      if (!proof.ok) throw new Error(`the ledger does not add up: ${JSON.stringify(proof.unbalanced)}`)
    },
  }
}

/** The gateway's doors without its bots. */
async function doorsOnly(context: DoorContext): Promise<{ url: string; stop(): Promise<void> }> {
  const app = await buildGateway(context)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { url, stop: () => app.close() }
}
