import { catalogue } from '#shop/jobs.ts'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { sql as q } from 'kysely'
import { openDb } from '#shared/db/db.ts'
import type { Db } from '#shared/db/db.ts'
import { createPayment, paymentExpired } from '#shop/payments/payments.ts'
import { onMakeInvoice } from '#shop/payments/worker/invoice.ts'
import { owe, relay } from '#shared/queue/outbox.ts'
import { sendNotice } from '#shared/queue/jobs/notices.ts'
import type { Producer } from '#shared/queue/producer.ts'
import { createLog } from '#shared/log.ts'
import { createDatabase } from '../lib/database.ts'
import type { TestDatabase } from '../lib/database.ts'

const HOUR = 3_600_000

describe("F35: a worker whose clock is wrong decides by the database's", () => {
  let database: TestDatabase
  let db: Db

  beforeAll(async () => {
    database = await createDatabase()
    db = await openDb(database.url, { max: 2, name: 'clock' })
    await db.rows(q`insert into persons (id) values (1)`)
    await db.rows(q`insert into bots (name) values ('main')`)
  })
  afterAll(async () => {
    await db.close()
    await database.drop()
  })
  afterEach(() => vi.useRealTimers())

  const clockOff = (ms: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms })
  const invoice = (id: string, expiresInMs: number) =>
    createPayment(db, {
      id,
      personId: 1n,
      bot: 'main',
      provider: 'stars',
      asset: 'XTR',
      amount: 5n,
      creditAsset: 'TOK',
      creditAmount: 1n,
      expiresInMs,
    })

  test.each([
    ['five hours ahead', 5 * HOUR],
    ['five hours behind', -5 * HOUR],
  ])('%s: an invoice of an hour is good for an hour', async (name, off) => {
    clockOff(off)
    await invoice(`fresh ${name}`, HOUR)
    await invoice(`old ${name}`, -1)
    expect(await paymentExpired(db, `fresh ${name}`)).toBe(false)
    expect(await paymentExpired(db, `old ${name}`)).toBe(true)
  })

  test.each([
    ['ahead', 5 * HOUR],
    ['behind', -5 * HOUR],
  ])('%s: a job that is owed for later waits as long as it should', async (name, off) => {
    clockOff(off)
    const notice = { key: name, bot: 'main', personId: '1', text: 'menu', params: {} }
    await owe(db, sendNotice, notice, { delayMs: 60_000 })
    const delays: (number | undefined)[] = []
    const producer: Producer = {
      catalogue,
      waiting: async () => [],
      someWait: async () => false,
      queues: new Map(),
      answers: async () => {},
      add: async (_type, _payload, options) => void delays.push(options?.delayMs),
    }
    await relay(db, producer, createLog({ level: 'silent', name: 'test' }))
    expect(delays).toHaveLength(1)
    expect(delays[0]).toBeGreaterThan(50_000)
    expect(delays[0]).toBeLessThanOrEqual(60_000)
  })

  test.each([
    ['ahead', 30 * HOUR],
    ['behind', -5 * HOUR],
  ])('%s: a provider is asked for the same invoice again only while that is safe', async (name, off) => {
    clockOff(off)
    const log = createLog({ level: 'silent', name: 'test' })
    for (const [kind, createRepeatableMs] of [
      ['once', 0],
      ['a day', 23 * HOUR],
      ['always', Infinity],
    ] as const) {
      const id = `${kind} ${name}`.replaceAll(' ', '-')
      const sum = { asset: 'RUB', amount: 100n, creditAsset: 'RUB', creditAmount: 100n } as const
      await createPayment(db, { id, personId: 1n, bot: 'main', provider: 'vendor', ...sum })
      // The process that asked first was killed before the answer.
      await db.rows(q`
        update payments set details = jsonb_build_object('invoiceAskedAt', now() - interval '1 minute') where id = ${id}`)
      const createInvoice = vi.fn(() => Promise.reject(new Error('asked')))
      const vendor = {
        name: 'vendor',
        supports: { createRepeatableMs },
        createInvoice,
        lookup: async () => undefined,
      }
      const context = { db, log, payments: new Map([['vendor', vendor]]), returnUrl: async () => undefined }
      const made = onMakeInvoice(
        context as unknown as Parameters<typeof onMakeInvoice>[0],
        { paymentId: id },
        { lastTry: false },
      )
      await made.catch(() => undefined)
      expect(createInvoice, kind).toHaveBeenCalledTimes(kind === 'once' ? 0 : 1)
    }
  })
})
