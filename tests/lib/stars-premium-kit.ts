import { join } from 'node:path'
import { sql as q } from 'kysely'
import type { Misfortune } from '../../sandbox/fragment/faults.ts'
import { placeOrder as placeAtReseller } from '../../sandbox/fragment/orders.ts'
import { announceEnd, callBack } from '../../sandbox/fragment/callbacks.ts'
import { finish } from '../../sandbox/fragment/lifecycle.ts'
import { startFragment } from '../../sandbox/fragment/server.ts'
import type { OrderState } from '#shared/money/tables.ts'
import { resellerConnection } from '#shop/stars-premium/connection.ts'
import {
  recordDecision,
  type DecidedBy,
  type OrderDecision,
  openDecision,
} from '#shop/stars-premium/decisions.ts'
import { draftOrder, type RecipientCard } from '#shop/stars-premium/orders.ts'
import { placeOrder } from '#shop/stars-premium/place.ts'
import { supplierPrices } from '#shop/stars-premium/prices.ts'
import { quote } from '#shop/stars-premium/quote.ts'
import { lookUpRecipients } from '#shop/stars-premium/recipients.ts'
import { databaseTokenStore } from '#shop/stars-premium/token-store.ts'
import { createMetrics } from '#shared/metrics.ts'
import { newId } from '#shared/ids.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import { readBalance } from '#shared/money/read.ts'
import type { Asset } from '#shared/money.ts'
import { readOrder } from '#shared/money/orders.ts'
import { resumeWhereMoneyMoved } from '#shared/money/waiting.ts'
import { goods } from '#shop/goods.ts'
import { ensurePerson } from '#shared/people.ts'
import type { Goods } from '#shop/stars-premium/supplier.ts'
import { watchSales } from '#shop/stars-premium/jobs.ts'
import { owe } from '#shared/queue/outbox.ts'
import { createSecrets } from '#shared/secrets.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { serveBot } from '#shared/telegram/bots.ts'
import { eventually } from './eventually.ts'
import { reservePort } from './port.ts'
import { startNode } from './processes.ts'
import type { TestProcess } from './processes.ts'
import { openShop } from './shop.ts'

const BIN = join(import.meta.dirname, '../../bin')
export const ADMIN = 1n
export const TOKEN = '7000000001:AAtestingtestingtestingtestingtestin'
export const FINAL = new Set<OrderState>(['delivered', 'failed', 'cancelled', 'expired', 'refunded'])

export type Kit = Awaited<ReturnType<typeof openKit>>

/** The shop's database, a reseller and a Telegram as real servers, and workers as processes of their own. */
export async function openKit(env: Record<string, string> = {}) {
  const simulator = await startFragment({ settings: { stepMs: 30, walletTon: '1000000' } })
  const port = String(await reservePort())
  const { apiKey, phoneNumber, mnemonics } = simulator.state.settings
  const shop = await openShop({
    bots: [{ name: 'main', token: TOKEN, username: 'shop_bot', admins: [String(ADMIN)] }],
    workers: [],
    gateway: false,
    // The limits of the real Telegram, because they decide which message is shown before which.
    telegram: { chatPerSecond: 1, globalPerSecond: 30 },
    env: {
      PORT: port,
      TELEGRAM_SEND_RATE: '1000',
      TELEGRAM_CHAT_RATE: '0',
      LOG_LEVEL: 'warn',
      FRAGMENT_API_URL: simulator.url,
      FRAGMENT_API_KEY: apiKey,
      FRAGMENT_PHONE_NUMBER: phoneNumber,
      FRAGMENT_MNEMONICS: mnemonics.join(' '),
      FRAGMENT_CALLBACK_URL: `http://127.0.0.1:${port}`,
      FRAGMENT_TIMEOUT_MS: '1500',
      FRAGMENT_POLL_MS: '100',
      FRAGMENT_REVIEW_AFTER_MS: '4000',
      ...env,
    },
    connections: 10,
    proxied: false,
  })
  const { config, db, telegram, env: environment } = shop
  const { backend, producer } = shop.shared
  shop.onClose(() => simulator.close())
  const processes: TestProcess[] = []
  shop.onClose(() => Promise.all(processes.map((one) => one.kill('SIGTERM'))))
  const settings = createSettings(db, config)
  const secrets = createSecrets(config.encryptionKey)
  const client = resellerConnection({ db, config, secrets, settings })
  let people = 100n
  let watches = 0
  const served = config.bots.map((bot) =>
    serveBot(bot, { apiRoot: telegram.url, backend, metrics: createMetrics(), sendRate: 1_000, chatRate: 0 }),
  )
  const context = { db, config, settings, client, bots: new Map(served.map((bot) => [bot.name, bot])) }

  const start = async (file: string, args: string[], ready: RegExp, own: Record<string, string> = {}) => {
    const started = startNode(join(BIN, file), args, { env: { ...environment, LOG_LEVEL: 'info', ...own } })
    processes.push(started)
    await started.waitFor(ready)
    return started
  }

  return {
    db,
    config,
    settings,
    secrets,
    simulator,
    telegram,
    context,
    environment,
    worker: (...names: string[]) =>
      start('worker.ts', names.length ? names : ['fragment'], /workers are ready/),
    /** A Fragment worker with settings of its own, such as a way to the database that can be cut. */
    workerWith: (own: Record<string, string>) => start('worker.ts', ['fragment'], /workers are ready/, own),
    /** A process of several workers, with settings of its own. */
    process: (names: string[], own: Record<string, string>) =>
      start('worker.ts', names, /workers are ready/, own),
    gateway: () => start('gateway.ts', [], /gateway is ready|listening|ready/),
    /** A new person with this much money. */
    async person(amount: bigint, asset: Asset = 'RUB') {
      const id = (people += 1n)
      await ensurePerson(db, id, 'main')
      await give(id, amount, asset)
      return id
    },
    give,
    control: shop.control,
    async draft(
      personId: bigint,
      usernames: string[],
      goods: Goods = { kind: 'stars', quantity: 50 },
      bot = 'main',
    ) {
      const prices = await supplierPrices(db, client)
      const recipients: RecipientCard[] = await lookUpRecipients(client, usernames)
      const id = newId()
      await draftOrder(db, {
        id,
        personId,
        bot,
        quote: await quote(settings, prices, bot, goods),
        recipients,
      })
      return id
    },
    /** A person buys 50 Stars for this name with all their money, and the reseller has these faults. */
    async order(username: string, ...faults: Misfortune[]) {
      const person = await this.person(9_000n)
      const id = await this.draft(person, [username])
      for (const what of faults) simulator.state.faults.push({ on: 'order', username, what })
      await this.place(id, person)
      return { person, id }
    },
    /** The reseller buys an order although it had answered with an error, and its callback comes. */
    async carryOut(username: string, answered = 429, status: 'COMPLETED' | 'FAILED' = 'COMPLETED') {
      const refused = this.posts(username)[0]!
      if (refused.status !== answered) throw new Error(`it was answered with ${refused.status}`)
      const placed = placeAtReseller(
        simulator.state,
        'STARS',
        JSON.parse(refused.body) as Record<string, unknown>,
        [],
      )
      if (!('id' in placed)) throw new Error(`refused again: ${placed.status}`)
      finish(simulator.state, placed, status, status === 'FAILED')
      await callBack(simulator.state, placed)
      return placed
    },
    place: (id: string, personId: bigint, currency: 'RUB' | 'TOK' = 'RUB') =>
      placeOrder(context, id, { personId, currency, actor: `person:${personId}` }),
    /** An admin decides; resolves when a worker has carried the decision out. */
    async decide(id: string, decision: OrderDecision, who: DecidedBy) {
      await recordDecision(context, id, decision, who)
      await eventually(async () => (await openDecision(db, id)) === undefined, {
        what: `the decision ${decision} about ${id} is carried out`,
      })
    },
    async state(id: string) {
      return (await readOrder(db, id))!.state
    },
    until(id: string, ...states: OrderState[]) {
      return eventually(
        async () => {
          const order = (await readOrder(db, id))!
          return states.includes(order.state) ? order : undefined
        },
        { what: `order ${id} is ${states.join(' or ')}` },
      )
    },
    money: (personId: bigint, asset: Asset = 'RUB') => readBalance(db, personId, asset),
    deliveries: (username: string) =>
      simulator.state.deliveries.filter((one) => one.receiver.toLowerCase() === username.toLowerCase()),
    posts: (username: string) =>
      simulator.state.requests.filter(
        (seen) =>
          seen.method === 'POST' && seen.path.startsWith('/v1/order/') && seen.body.includes(`"${username}"`),
      ),
    notices: (text: string) =>
      db.rows(q<{ key: string; payload: { text: string; params: object } }>`
        select key, payload from outbox where job = 'notice.send' and payload ->> 'text' = ${text}`),
    alerts: (topic: string) => db.rows(q<{ key: string }>`select key from alerts where topic = ${topic}`),
    bought: (username: string) =>
      [...simulator.state.orders.values()].find(
        (one) => one.receiver.toLowerCase() === username.toLowerCase(),
      ),
    async finish(id: string, status: 'COMPLETED' | 'FAILED', tells = true) {
      const order = simulator.state.orders.get(id)!
      finish(simulator.state, order, status)
      if (tells) await announceEnd(simulator.state, order)
    },
    /** The queue loses every job of the order, and the outbox believes that the jobs were done. */
    async forgetJobs(id: string) {
      const [queue] = producer.queues.get('fragment')!
      await eventually(async () => {
        const jobs = await queue!.getJobs(['delayed', 'waiting', 'completed'])
        const own = jobs.filter((job) => job?.id?.includes(id))
        const removed = await Promise.allSettled(own.map((job) => job.remove()))
        return (
          removed.every(({ status }) => status === 'fulfilled') &&
          (await queue!.getJob(`check-${id}-1`)) === undefined
        )
      })
      await db.rows(q`update outbox set state = 'done' where key like ${`%${id}%`}`)
    },
    /** The lock of a job at work expires: the queue gives the job to whichever worker is awake. */
    async loseLock(jobId: string) {
      const queue = producer.queues.get('fragment')![0]!
      const redis = backend.redis!
      const [lock] = await redis.keys(`*:${jobId}:lock`)
      if (!lock) return
      const holder = await redis.getdel(lock)
      const watcher = backend.worker('fragment', async () => {}, { stalledInterval: 50, maxStalledCount: 10 })
      await watcher.startStalledCheckTimer()
      await eventually(
        async () => {
          await redis.del(await redis.keys('*fragment:stalled-check'))
          const now = await redis.get(lock)
          return (now !== null && now !== holder) || !(await (await queue.getJob(jobId))?.isActive())
        },
        { everyMs: 60, what: `${jobId} is taken from its worker` },
      )
      await watcher.close(true)
    },
    /** Whether a worker has put the job aside for later, or is done with it. */
    async isLeft(jobId: string) {
      const state = await producer.queues.get('fragment')![0]!.getJobState(jobId)
      return state === 'delayed' || state === 'completed'
    },
    deadLetters: (job: string) =>
      db.rows(
        q<{
          key: string
          reason: string
        }>`select key, reason from outbox where job = ${job} and state = 'dead'`,
      ),
    /** Runs the look at all orders now, which upkeep runs every minute. */
    async watchNow() {
      watches += 1
      await owe(db, watchSales, { minute: watches })
    },
    /** The sweep that comes every minute for orders whose person's money has moved, now. */
    resumeNow: () =>
      resumeWhereMoneyMoved(
        db,
        goods,
        config.bots.map(({ name }) => name),
      ),
    /** Reads the wallet while no purchase is under way, so that later readings can be explained from this one. */
    async quietReading() {
      const count = async () => (await db.rows(q`select id from wallet_readings where quiet`)).length
      const before = await count()
      watches += 1
      await owe(db, watchSales, { minute: watches })
      await eventually(async () => (await count()) > before)
    },
    /** Clears the limit on presses: a test presses faster than any person may. */
    async forgetFlood() {
      const keys = await backend.redis!.keys(backend.key('limit-person*'))
      if (keys.length > 0) await backend.redis!.del(keys)
    },
    /** Ends the pause after a failed login. */
    async letLoginTry() {
      const store = databaseTokenStore(db, secrets)
      // Under the store's lock, because a worker that has just read the pause would write it back.
      await store.withLock(async () => store.save({ ...(await store.get())!, retryAtMs: 0 }))
    },
    /** Jobs that wait for their time run now. */
    pauseOrders: () => producer.queues.get('fragment')![0]!.pause(),
    resumeOrders: () => producer.queues.get('fragment')![0]!.resume(),
    hurry: () => producer.queues.get('fragment')![0]!.promoteJobs(),
    /** Resolves when no job is at work, so that a test may count what was done and nothing more comes of it. */
    async resting() {
      const queue = producer.queues.get('fragment')![0]!
      const rests = async () => (await queue.getJobCountByTypes('wait', 'prioritized', 'active')) === 0
      await eventually(rests, { what: 'no order is at work' })
    },
    /**
     * Moves every purchase and every reading of the wallet back by so much time. With a long
     * FRAGMENT_REVIEW_AFTER_MS nothing is given up before the test says so.
     */
    timePasses: (ms = config.fragment.reviewAfterMs + 1_000) =>
      db.tx(async (tx) => {
        const passed = q`${ms} * interval '1 millisecond'`
        await tx.rows(
          q`update attempts set created_at = created_at - ${passed}, updated_at = updated_at - ${passed}`,
        )
        await tx.rows(q`update wallet_readings set at = at - ${passed}`)
      }),
    /** Lets a purchase that nobody hears of any more be given up, to an admin or for good. */
    async givenUp(id: string, state: OrderState = 'review') {
      await this.timePasses()
      return eventually(
        async () => {
          await this.hurry()
          const order = (await readOrder(db, id))!
          return order.state === state ? order : undefined
        },
        { what: `order ${id} is ${state}`, everyMs: 100 },
      )
    },
    close: shop.close,
  }

  async function give(personId: bigint, amount: bigint, asset: Asset = 'RUB') {
    const words = { reference: `gift-${newId()}`, kind: 'adjustment' as const }
    await post(db, transfer({ system: 'adjustments' }, { person: personId }, { asset, amount }, words))
  }
}
