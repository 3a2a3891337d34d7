import { catalogue } from '#shop/jobs.ts'
import { join } from 'node:path'
import { Api } from 'grammy'
import { sql as q } from 'kysely'
import { startKie } from '../../sandbox/pictures/kie.ts'
import { readConfig } from '#shop/config.ts'
import { newId } from '#shared/ids.ts'
import { confirmPicture } from '#shop/pictures/confirm.ts'
import { createDraft } from '#shop/pictures/pictures.ts'
import { readBalance } from '#shared/money/read.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import { createMetrics } from '#shared/metrics.ts'
import { openBackend } from '#shared/queue/backend.ts'
import { relay } from '#shared/queue/outbox.ts'
import { openProducer } from '#shared/queue/producer.ts'
import { secretsFrom } from '#shared/secrets.ts'
import { images as imagesWorker } from '#workers/images/worker.ts'
import { createParts, handlersOf } from '#shop/pictures/worker/handlers.ts'
import type { Times } from '#shop/pictures/worker/parts.ts'
import { startWorker } from '#workers/run.ts'
import { eventually } from './eventually.ts'
import { type Bubble, controlOf, phoneOf } from './phone.ts'
import { reservePort } from './port.ts'
import { startNode, type TestProcess } from './processes.ts'
import { openShop } from './shop.ts'

export const ADMIN = 900
const TOKENS = ['100:AAshopshopshopshopshopshop', '200:AAotherotherotherotherother']
const HMAC_KEY = 'hmac-key-of-kie'

export interface ImageShopOptions {
  /** Settings of the simulated KIE AI. */
  kie?: Parameters<typeof startKie>[0]
  telegram?: Record<string, unknown>
  env?: Record<string, string>
  /** Durations of the worker in this process, where they differ from production's. */
  times?: Partial<Times>
  /** Which workers run in this process; tests that kill them start processes instead. */
  workers?: ('bot' | 'images')[]
  /** The bots that this deployment serves; both if it is left out. */
  bots?: string[]
  gateway?: boolean
}

const BOTS = ['shop', 'other'].map((name, index) => ({
  name,
  token: TOKENS[index]!,
  admins: [String(ADMIN)],
}))
const botsOf = (names: string[]) => JSON.stringify(BOTS.filter(({ name }) => names.includes(name)))

const MANY = { atOnce: 2, waiting: 1000, perDay: 1000, freePerDay: 0 }
const QUICK = { waitMs: 100, queueMs: 100, drawMs: 300, file: 'plain' as const }

/** The shop with the images worker and the simulated KIE AI. */
export async function openImageShop(options: ImageShopOptions = {}) {
  const kie = await startKie({
    settings: {
      fate: QUICK,
      hmacKey: HMAC_KEY,
      startLimit: { tasks: 0, perMs: 1 },
      ...options.kie?.settings,
    },
  })
  const port = String(await reservePort())
  const type = {
    ...imagesWorker,
    start: (app: Parameters<typeof createParts>[0]) =>
      Promise.resolve({ handlers: handlersOf(createParts(app, options.times)) }),
  }
  const shop = await openShop({
    bots: BOTS,
    workers: (options.workers ?? ['bot', 'images']).map((name) => (name === 'images' ? type : name)),
    gateway: options.gateway,
    telegram: options.telegram,
    env: {
      ...(options.bots && { BOTS: botsOf(options.bots) }),
      PORT: port,
      TELEGRAM_SEND_RATE: '1000',
      TELEGRAM_CHAT_RATE: '0',
      IMAGE_API_URL: kie.url,
      IMAGE_API_TOKEN: 'kie-sandbox-token',
      IMAGE_WEBHOOK_URL: `http://127.0.0.1:${port}/webhooks/images`,
      IMAGE_WEBHOOK_KEY: HMAC_KEY,
      IMAGE_POLL_MS: '200',
      ...options.env,
    },
    connections: 5,
    proxied: false,
  })
  const { env, config, shared, db, telegram, control, close } = shop
  shop.onClose(() => kie.close())

  const provider = controlOf(`${kie.url}/control`)
  const phone = (person: number, bot = 'shop_bot') => phoneOf(control, bot, person)
  const chat = async (person: number, bot?: string) =>
    (await phone(person, bot).messages()).filter(({ from }) => from === 'bot')

  const apis: Record<string, Api> = {
    shop: new Api(TOKENS[0]!, { apiRoot: telegram.url }),
    other: new Api(TOKENS[1]!, { apiRoot: telegram.url }),
  }

  return {
    env,
    api: apis['shop']!,
    config,
    shared,
    db,
    telegram,
    kie,
    control,
    provider,
    chat,
    gatewayUrl: `http://127.0.0.1:${port}`,

    /** A person who has started the bots and owns so many tokens. */
    async person(id: number, tokens: bigint): Promise<void> {
      await control('POST', '/people', {
        id,
        first_name: `Person ${id}`,
        language_code: 'ru',
        started: ['shop_bot', 'other_bot'],
      })
      await db.rows(
        q`insert into persons (id, first_name, language) values (${id}, 'x', 'ru') on conflict do nothing`,
      )
      if (tokens === 0n) return
      const money = { asset: 'TOK' as const, amount: tokens }
      const words = { reference: `test-${id}`, kind: 'payment' as const }
      await post(db, transfer({ system: 'provider:test' }, { person: BigInt(id) }, money, words))
    },
    /**
     * Orders a picture in the way of the bot, without its screens.
     * @returns the order's id
     */
    async order(
      person: number,
      prompt: string,
      model = 'z-image',
      photos: string[] = [],
      limits = MANY,
      bot = 'shop',
    ): Promise<string> {
      const { message_id: messageId } = await apis[bot]!.sendMessage(person, 'Принимаем заказ')
      const orderId = newId()
      const personId = BigInt(person)
      const draft = {
        orderId,
        personId,
        bot,
        provider: 'kie',
        model,
        aspect: '1:1',
        photos,
        price: 1n,
        prompt,
      }
      await db.tx((tx) => createDraft(tx, draft))
      await confirmPicture(db, orderId, personId, {
        price: 1n,
        limits,
        refusedWords: [],
        card: { bot, chatId: person, messageId },
      })
      const own = config.bots.map(({ name }) => name)
      await relay(db, shared.producer, shared.log, own)
      return orderId
    },
    /** Waits until an order is in this state. */
    is: (orderId: string, state: string, timeoutMs?: number) =>
      eventually(
        async () => {
          const [order] = await db.rows(q<{ state: string; stage: string; reason: string | null }>`
            select o.state, g.stage, g.reason from orders o join generations g on g.order_id = o.id
            where o.id = ${orderId}`)
          return order?.state === state && order
        },
        { what: `the order is ${state}`, timeoutMs },
      ),
    phone,
    say: (person: number, text: string, bot?: string) => phone(person, bot).say(text),
    sendPhoto: (person: number, photo: Buffer, caption?: string) =>
      phone(person).sendPhoto(photo, caption === undefined ? {} : { caption }),
    /** @param more `file_name`, `mime_type`, `caption` */
    sendFile: (person: number, file: Buffer, more: Record<string, string>) =>
      phone(person).sendFile(file, more),
    /** The newest message of the bot for which `wanted` is true. */
    message: (person: number, wanted: (message: Bubble) => unknown, bot?: string) =>
      eventually(async () => (await chat(person, bot)).findLast((message) => wanted(message)), {
        what: `a message to ${person}: ${String(wanted)}`,
      }),
    press: (person: number, words: RegExp, bot?: string) => phone(person, bot).press(words),

    tokens: (person: number) => readBalance(db, BigInt(person), 'TOK'),
    orders: (person?: number) =>
      db.rows(q<{
        id: string
        state: string
        stage: string
        price: bigint
        reason: string | null
        prompt: string
      }>`
        select o.id, o.state, g.stage, o.price, g.reason, g.prompt from orders o join generations g on g.order_id = o.id
        where ${person ?? null}::bigint is null or o.person_id = ${person ?? null} order by o.created_at`),
    tasks: () => provider<{ id: string; prompt: string; stage: string }[]>('GET', '/tasks'),
    calls: (method: string) =>
      control<{ method: string; params: Record<string, unknown>; ok: boolean; at: number }[]>(
        'GET',
        `/requests?method=${method}&limit=10000`,
      ),
    /**
     * Starts the images worker of another deployment: on the same database, with queues of its own, for this
     * bot alone.
     */
    async deployBeside(name: string): Promise<void> {
      const there = readConfig({ ...env, BOTS: botsOf([name]), QUEUE_PREFIX: `${config.queuePrefix}-beside` })
      const backend = await openBackend({ kind: 'redis', url: shop.redis }, there.queuePrefix)
      shop.onClose(() => backend.close())
      const producer = openProducer(backend, catalogue, secretsFrom(there))
      const beside = { ...shared, config: there, metrics: createMetrics(), backend, producer }
      const worker = await startWorker(type, beside, shop.database.url)
      shop.onClose(() => worker.stop(3_000))
    },
    /** Starts `npm run worker -- images` as it is in production. */
    async process(): Promise<TestProcess> {
      const started = startNode(join(import.meta.dirname, '../../bin/worker.ts'), ['images'], {
        env: { ...env, LOG_LEVEL: process.env.TEST_LOG ?? 'info', HEALTH_PORT: '0' },
      })
      shop.onClose(() => started.kill('SIGTERM'))
      await started.waitFor(/workers are ready/)
      return started
    },
    close,
  }
}
export type ImageShop = Awaited<ReturnType<typeof openImageShop>>
