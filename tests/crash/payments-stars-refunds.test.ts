import pg from 'pg'
import { sql as q } from 'kysely'
import { afterEach, beforeAll, expect } from 'vitest'
import { askRefund, refundOf } from '#shop/payments/refunds.ts'
import { paymentByRef } from '#shop/payments/payments.ts'
import { eventually } from '../lib/eventually.ts'
import { startNode, type TestProcess } from '../lib/processes.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { ADMIN, openShop } from '../lib/shop.ts'
import type { Customer, Shop } from '../lib/shop.ts'

/** Longer than the test, so a worker that waits for it still waits when it is killed. */
const FOREVER_MS = 300_000

let shop: Shop
let worker: TestProcess | undefined
beforeAll(async () => {
  shop = await openShop({ workers: ['bot'] })
})
afterEach(() => worker?.kill('SIGKILL'))

async function billing(): Promise<void> {
  const { config, database, redis, telegram } = shop
  worker = startNode('bin/worker.ts', ['billing'], {
    env: {
      BOTS: JSON.stringify(config.bots.map(({ name, token }) => ({ name, token, admins: [ADMIN] }))),
      DATABASE_URL: database.url,
      REDIS_URL: redis,
      QUEUE_PREFIX: config.queuePrefix,
      DATA_DIR: config.dataDir,
      ENCRYPTION_KEY: config.encryptionKey,
      TELEGRAM_API_ROOT: telegram.url,
      BOT_MODE: 'polling',
      LOG_LEVEL: 'info',
    },
  })
  await worker.waitFor(/workers are ready/)
}

const calls = async (charge: string) =>
  (await shop.calls('refundStarPayment')).filter((one) => one.params['telegram_payment_charge_id'] === charge)
const refunded = (charge: string) =>
  shop
    .control<{ charge_id: string; refunded: boolean }[]>('GET', '/payments')
    .then((all) => all.find((one) => one.charge_id === charge)?.refunded)
const hang = (does: object) => ({
  on: 'call',
  method: 'refundStarPayment',
  do: { delay_ms: FOREVER_MS, ...does },
})
const silence = (anna: Customer) => ({
  on: 'update',
  kind: 'refunded_payment',
  person: anna.id,
  do: { lose: true },
})

/** The step at which the worker is killed: what makes it stop there, and how one sees that it has come so far. */
const steps: Record<
  string,
  {
    faults?: (anna: Customer) => object[]
    lock?: boolean
    isThere: (charge: string) => Promise<unknown>
    calls: number
  }
> = {
  'before it asks Telegram, which has heard nothing': {
    faults: () => [hang({ drop: 'before' })],
    isThere: async (charge) => {
      const payment = await paymentByRef(shop.db, 'stars', charge)
      return (await refundOf(shop.db, payment!.id))?.state === 'sent' && (await hung())
    },
    calls: 2,
  },
  'before it hears that Telegram has returned the Stars, and no update tells it': {
    faults: (anna) => [hang({}), silence(anna)],
    isThere: refunded,
    calls: 1,
  },
  'before it has booked what Telegram confirmed': {
    faults: (anna) => [silence(anna)],
    lock: true,
    isThere: async (charge) =>
      (await refunded(charge)) === true &&
      (
        await shop.db.rows(q`
          select 1 from pg_stat_activity
          where application_name = 'telekassa-billing' and wait_event_type = 'Lock' and datname = current_database()`)
      ).length > 0,
    calls: 1,
  },
}
/** Whether a fault of the test has met its call. */
const hung = async () =>
  (await shop.control<{ hits: number }[]>('GET', '/faults')).some((rule) => rule.hits > 0)

test.each(Object.keys(steps))(
  'F10 billing is killed in a refund of Stars %s: the Stars go back once, the tokens are taken once',
  async (name) => {
    const { faults, lock, isThere, calls: wanted } = steps[name]!
    await billing()
    const anna = await shop.person()
    const { charge_id: charge } = await anna.buy(10)
    const { id } = (await paymentByRef(shop.db, 'stars', charge))!
    await shop.control('PUT', '/faults', faults?.(anna) ?? [])
    const locker = new pg.Client({ connectionString: shop.database.url })
    await locker.connect()
    try {
      await shop.db.tx((tx) => askRefund(tx, { paymentId: id, adminId: 77n, reason: 'test' }))
      if (lock) {
        await locker.query('begin')
        await locker.query('select 1 from payments where id = $1 for update', [id])
      }
      await eventually(() => isThere(charge), { what: 'it is there' })
      await worker!.kill('SIGKILL')
    } finally {
      await locker.end()
    }
    expect((await paymentByRef(shop.db, 'stars', charge))!.state).toBe('paid')
    expect(await anna.tokens()).toBe(0n)
    // As if 20 s had gone by: for that long another worker may still be in its call.
    await shop.db.rows(
      q`update payment_refunds set updated_at = updated_at - interval '20 s' where state = 'sent'`,
    )
    await shop.control('PUT', '/faults', faults?.(anna).filter((one) => 'kind' in one) ?? [])
    await billing()
    await anna.hears('returned to you by Telegram')
    expect((await paymentByRef(shop.db, 'stars', charge))!.state).toBe('refunded')
    expect((await refundOf(shop.db, id))?.state).toBe('done')
    expect(await calls(charge)).toHaveLength(wanted)
    expect(await refunded(charge)).toBe(true)
    expect(await anna.tokens()).toBe(0n)
    expect(await shop.db.rows(q`select 1 from postings where reference = ${`refund-${id}`}`)).toHaveLength(1)
    expect(await shop.db.rows(q`select 1 from holds where state = 'open'`)).toEqual([])
    expect((await anna.messages()).filter((one) => one.text?.includes('returned to you'))).toHaveLength(1)
  },
)
