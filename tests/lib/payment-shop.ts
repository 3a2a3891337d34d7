import { environment, startPayment, type VendorName, webhookPath } from '../../sandbox/payments/start.ts'
import type { Running } from '../../sandbox/payments/start-vendor.ts'
import type { Db } from '#shared/db/db.ts'
import type { Payment } from '#shared/money/tables.ts'
import { newId } from '#shared/ids.ts'
import { readBalance } from '#shared/money/read.ts'
import type { Asset, Money } from '#shared/money.ts'
import { beginTopUp, type TopUp } from '#shop/payments/top-up.ts'
import { readPayment } from '#shop/payments/payments.ts'
import { ensurePerson } from '#shared/people.ts'
import type { PaymentProvider } from '#shop/payments/providers/port.ts'
import { paymentProviders } from '#shop/payments/providers/registry.ts'
import type { Producer } from '#shared/queue/producer.ts'
import { startRelay } from '#shared/queue/relay.ts'
import { eventually } from './eventually.ts'
import { openShop } from './shop.ts'

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
  /** Begins a payment of a person. Resolves when the payment has its link or will have none, or after `waitMs`. */
  begin(name: VendorName, topUp?: Partial<TopUp> & { waitMs?: number }): Promise<Payment>
  payment(id: string): Promise<Payment>
  has(personId: bigint, asset?: Asset): Promise<bigint>
  /** Stops everything. @throws when the ledger does not add up */
  close(): Promise<void>
}

/**
 * The path of money in this process: gateway, workers, a database and a Redis of its own, and simulators of
 * the vendors as real servers. With `workers: []` the work is left to processes of the test, which take
 * `env`.
 */
export async function openPaymentShop(options: {
  vendors: VendorName[]
  workers?: string[]
  redis?: string
  gateway?: boolean
  /** Whether there is a simulated Telegram with the bot in it, polled by the gateway, and a bot worker. */
  telegram?: boolean
  /** Further settings. */
  env?: Record<string, string>
  /** How often the test's own relay looks for what others owe; it moves what the test owes at once. */
  lookEveryMs?: number
}): Promise<PaymentShop> {
  const vendors: Record<string, Running> = {}
  for (const name of options.vendors) {
    vendors[name] = await startPayment(name, { settings: { retryBaseMs: 50, retryMaxMs: 400 } })
  }
  const urls = Object.fromEntries(Object.entries(vendors).map(([name, vendor]) => [name, vendor.url]))
  const shop = await openShop({
    bots: [BOT],
    workers: options.workers ?? (options.telegram ? ['billing', 'bot'] : ['billing']),
    gateway: options.telegram ? true : options.gateway === false ? false : 'doors',
    env: {
      ...environment(urls),
      TELEGRAM_SEND_RATE: '1000',
      TELEGRAM_CHAT_RATE: '0',
      PORT: '0',
      ...options.env,
      ...(!options.telegram && { TELEGRAM_API_ROOT: 'http://127.0.0.1:9' }),
    },
    proxied: false,
    ...(options.redis && { redis: options.redis }),
  })
  const { db, env, config, url, shared } = shop
  shop.onClose(() => Promise.all(Object.values(vendors).map((vendor) => vendor.close())))
  const webhooks = (gatewayUrl: string) => {
    for (const [name, vendor] of Object.entries(vendors))
      vendor.settings.webhookUrl = `${gatewayUrl}/webhooks/${webhookPath(name as VendorName)}`
  }
  if (url) webhooks(url)
  // This relay moves jobs that a test owes at once, where a worker would move them in its next round.
  const relay = startRelay(db, shared.producer, shared.log, options.lookEveryMs ?? 20)
  shop.onClose(() => relay.stop())
  const providers = paymentProviders(config.payments)

  const payment = async (id: string) => (await readPayment(db, id)) as Payment
  return {
    db,
    producer: shared.producer,
    url,
    telegramUrl: options.telegram ? shop.telegram.url : '',
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
    close: shop.close,
  }
}
