import { goods } from '#shop/goods.ts'
import { catalogue } from '#shop/jobs.ts'
import { sql as q } from 'kysely'
import { startFragment } from '../sandbox/fragment/server.ts'
import { readConfig } from '#shop/config.ts'
import { openContext } from '#shared/context.ts'
import type { Context, Shared } from '#shared/context.ts'
import { openAttempt } from '#shared/money/attempts.ts'
import { delivered } from '#shop/stars-premium/endings.ts'
import { draftOrder, reserveOrder } from '#shop/stars-premium/orders.ts'
import { newId } from '#shared/ids.ts'
import type { Infra } from '../bin/infra/start.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import { createLog } from '#shared/log.ts'
import { createMetrics } from '#shared/metrics.ts'
import { moveOrder, readOrder } from '#shared/money/orders.ts'
import { ensurePerson } from '#shared/people.ts'
import { openBackend } from '#shared/queue/backend.ts'
import { openProducer } from '#shared/queue/producer.ts'
import { secretsFrom } from '#shared/secrets.ts'
import { fragment } from '#workers/fragment/worker.ts'
import { startWorker } from '#workers/run.ts'
import { registerBots } from '#shared/telegram/identify.ts'
import { inTurns, median } from './lib/compare.ts'
import type { Result } from './lib/compare.ts'

const ORDERS = 200
/** As many orders as one worker has under way. */
const WIDTH = 10
const TAPS = 30
const PRICE = 9_000n
const RECIPIENT = { username: 'alice', name: 'Alice', photo: null, hasPremium: null, telegramId: null }

/**
 * Orders for Stars that go through queue, worker and a reseller that answers in 0 ms, against the database work
 * alone: the two transactions of a purchase, without a queue and without HTTP.
 */
export async function benchFragment({ databaseUrl, queue }: Infra): Promise<Result[]> {
  const simulator = await startFragment({ settings: { stepMs: 0, walletTon: '100000000' } })
  const { apiKey, phoneNumber, mnemonics } = simulator.state.settings
  const config = readConfig({
    ...process.env,
    BOT_TOKEN: `123456:${'A'.repeat(35)}`,
    FRAGMENT_API_URL: simulator.url,
    FRAGMENT_API_KEY: apiKey,
    FRAGMENT_PHONE_NUMBER: phoneNumber,
    FRAGMENT_MNEMONICS: mnemonics.join(' '),
  })
  const backend = await openBackend(queue, 'bench-fragment')
  const log = createLog({ level: 'silent', name: 'bench' })
  const shared: Shared = {
    config,
    log,
    metrics: createMetrics(),
    backend,
    goods,
    producer: openProducer(backend, catalogue, secretsFrom(config)),
  }
  const context = await openContext(shared, { name: 'bench', databaseUrl, poolSize: WIDTH })
  await registerBots(context.db, config.bots)
  const worker = await startWorker(fragment, shared, databaseUrl)
  try {
    const throughput = await inTurns(
      () => buyThroughWorker(context),
      () => writeOnly(context),
    )
    const latency = await inTurns(
      () => firstStatus(context),
      () => confirmOnly(context),
    )
    return [
      { name: 'orders to delivered', ...throughput, unit: '/s' },
      { name: 'tap to first status, median', ...latency, unit: 'ms', smaller: true },
    ]
  } finally {
    await worker.stop(2_000)
    await context.close()
    await backend.close()
    await simulator.close()
  }
}

let people = 1_000n

/** Makes drafts of people who can pay for them. */
async function drafts({ db }: Context, count: number): Promise<string[]> {
  const quote = {
    goods: { kind: 'stars' as const, quantity: 50 },
    price: PRICE,
    way: 'fragment' as const,
    cost: undefined,
    costRub: undefined,
  }
  const ids: string[] = []
  for (let n = 0; n < count; n++) {
    const personId = (people += 1n)
    const id = newId()
    await ensurePerson(db, personId, 'main')
    const words = { reference: `bench-${id}`, kind: 'adjustment' as const }
    const money = { asset: 'RUB' as const, amount: PRICE }
    await post(db, transfer({ system: 'adjustments' }, { person: personId }, money, words))
    await draftOrder(db, { id, personId, bot: 'main', quote, recipients: [RECIPIENT] })
    ids.push(id)
  }
  return ids
}

async function reserve({ db, relay }: Context, id: string): Promise<void> {
  await db.tx(async (tx) => {
    const order = (await readOrder(tx, id, true))!
    await reserveOrder(tx, { ...order, price: PRICE }, 'bench')
  })
  relay.kick()
}

async function buyThroughWorker(context: Context): Promise<number> {
  const ids = await drafts(context, ORDERS)
  const start = performance.now()
  await inWidth(ids, (id) => reserve(context, id))
  for (;;) {
    const [row] = await context.db.rows(q<{ n: bigint }>`
      select count(*) as n from orders where id = any(${ids}) and state = 'delivered'`)
    if (row!.n === BigInt(ORDERS)) return (ORDERS * 1000) / (performance.now() - start)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** The database's part of the same purchase: reserve, intent, outcome. Jobs that it owes are not carried out. */
async function writeOnly(context: Context): Promise<number> {
  const { db } = context
  const ids = await drafts(context, ORDERS)
  const start = performance.now()
  await inWidth(ids, async (id) => {
    await db.tx(async (tx) => {
      const order = (await readOrder(tx, id, true))!
      await reserveOrder(tx, { ...order, price: PRICE }, 'bench')
      // The job is marked as done so that the worker does not take it up.
      await tx.rows(q`update outbox set state = 'done' where key = ${`fulfil-${id}-1`}`)
    })
    const attempt = await db.tx(async (tx) => {
      await moveOrder(tx, id, 'fulfilling', { actor: 'bench' })
      return openAttempt(tx, { orderId: id, number: 1, supplier: 'bench', token: id, run: id })
    })
    await db.tx((tx) =>
      delivered(tx, new Map(), attempt, { id, cost: null, reference: null }, { actor: 'bench' }),
    )
  })
  return (ORDERS * 1000) / (performance.now() - start)
}

/** One order at a time: the time from the confirmed purchase to the first state that its card shows. */
async function firstStatus(context: Context): Promise<number> {
  const times: number[] = []
  for (const id of await drafts(context, TAPS)) {
    const start = performance.now()
    await reserve(context, id)
    for (;;) {
      const order = await readOrder(context.db, id)
      if (order!.state !== 'reserved') break
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    times.push(performance.now() - start)
  }
  return median(times)
}

async function confirmOnly(context: Context): Promise<number> {
  const times: number[] = []
  for (const id of await drafts(context, TAPS)) {
    const start = performance.now()
    await reserve(context, id)
    times.push(performance.now() - start)
  }
  return median(times)
}

async function inWidth(ids: readonly string[], work: (id: string) => Promise<void>): Promise<void> {
  const rest = [...ids]
  await Promise.all(
    Array.from({ length: WIDTH }, async () => {
      for (let id = rest.pop(); id !== undefined; id = rest.pop()) await work(id)
    }),
  )
}
