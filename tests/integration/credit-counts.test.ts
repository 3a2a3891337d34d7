import { sql as q } from 'kysely'
import { afterAll, beforeAll, expect, vi } from 'vitest'
import { secretsFrom } from '#shared/secrets.ts'
import { KEYS } from '../../sandbox/payments/start.ts'
import { createLog } from '#shared/log.ts'
import { openDb } from '#shared/db/db.ts'
import type { Db } from '#shared/db/db.ts'
import { newId } from '#shared/ids.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import { ensurePerson } from '#shared/people.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { readConfig } from '#shop/config.ts'
import { goods } from '#shop/goods.ts'
import { drawPayment, makeInvoice, paymentWebhook } from '#shop/payments/jobs.ts'
import { createPayment, movePayment } from '#shop/payments/payments.ts'
import { phpJson, sign } from '#shop/payments/providers/cryptomus-engine/signature.ts'
import type { Reading } from '#shop/payments/providers/port.ts'
import { confirmAbove } from '#shop/payments/settings.ts'
import { paymentReference } from '#shop/payments/reference.ts'
import { heedTogether } from '#shop/payments/worker/heed.ts'
import { countStatements } from '../lib/count-statements.ts'
import { eventually } from '../lib/eventually.ts'
import { markerOf, oweAll, owed } from '#shared/queue/outbox.ts'
import { redisClient } from '#shared/queue/redis-address.ts'
import { openPaymentShop } from '../lib/payment-shop.ts'
import type { PaymentShop } from '../lib/payment-shop.ts'
import { testOnRedis as test } from '../lib/redis.ts'

// What a credit costs, in counts: a busy machine has the same counts as an idle one.

const HOUR = 3_600_000
let shop: PaymentShop
let db: Db
const counter = countStatements('telekassa-billing')
const together = countStatements('telekassa-together')
beforeAll(async () => {
  // The test's own relay would now and then move what the credit owes, before the worker's relay does, whose
  // statements are counted.
  shop = await openPaymentShop({ vendors: ['heleket'], lookEveryMs: HOUR })
  // No payment is looked up, so what an event says is credited.
  const settings = createSettings(shop.db, readConfig(shop.env))
  await settings.set(shop.db, confirmAbove, { value: '999999999', by: 1n })
  db = await openDb(shop.env['DATABASE_URL']!, { max: 4, name: 'together' })
})
afterAll(async () => {
  together.stop()
  counter.stop()
  await db.close()
  await shop.close()
})

/** Statements that run every few seconds whether or not money comes, and those of the relay. */
const BY_ITSELF =
  /\bfrom "?(settings|admins|bots)\b|^select exists \(select "id" from "outbox"|^update "outbox" set .*"enqueued" = /

test('a credit costs four statements, and waits for the disk once', async () => {
  const payment = await shop.begin('heleket', { personId: 4_711n })
  expect(payment.state).toBe('pending')
  // The job that makes the invoice ends with a statement of its own, and afterwards what it owes is moved.
  const making = () =>
    shop.db.rows(
      q`select 1 from outbox where state = 'owed' or (job = ${makeInvoice.name} and state <> 'done')`,
    )
  await eventually(async () => (await making()).length === 0, { what: 'the invoice is made to the end' })
  counter.take()
  await shop.vendors['heleket']!.vendor.pay(payment.providerRef!, 'exact', {})
  await eventually(async () => (await shop.payment(payment.id)).state === 'paid', { what: 'it is paid' })
  expect(await shop.has(4_711n)).toBe(payment.creditAmount)
  const owed = () => shop.db.rows(q`select 1 from outbox where state = 'owed'`)
  await eventually(async () => (await owed()).length === 0, { what: 'what was owed is on its queue' })
  const { statements, commits } = counter.take()
  // The vendor says first that it has seen the money. That event is read and noted, which makes two statements.
  const said = statements.filter((text) => !BY_ITSELF.test(text)).map((text) => /\w+/.exec(text)![0])
  expect(said).toEqual(['select', 'with', 'select', 'with', 'with', 'insert'])
  // One transaction for each of the two events, and one of the relay.
  expect(commits).toBe(3)
})

/** Events of a vendor about so many payments, each of a person of its own, and the handler that takes them. */
async function twenty(count = 20) {
  const config = readConfig(shop.env)
  const log = createLog({ level: 'silent', name: 'together' })
  const heed = heedTogether({
    db,
    log,
    config,
    goods,
    secrets: secretsFrom(config),
    settings: createSettings(db, config),
    bots: new Map(),
  })
  const provider = shop.provider('heleket')
  const ids = Array.from({ length: count }, () => newId())
  const readings = new Map<string, Reading>()
  for (const [at, id] of ids.entries()) {
    const personId = BigInt(Date.now()) * 100n + BigInt(at)
    await ensurePerson(shop.db, personId, 'main')
    const rub = { asset: 'RUB' as const, amount: 100_000n }
    const credit = { creditAsset: rub.asset, creditAmount: rub.amount }
    await createPayment(shop.db, { id, personId, bot: 'main', provider: provider.name, ...rub, ...credit })
    await movePayment(shop.db, id, 'pending', { providerRef: `${id}-invoice` })
    const reference = paymentReference({ id, personId, details: {} })
    const said = {
      state: 'paid' as const,
      status: 'paid',
      reference,
      invoice: `${id}-invoice`,
      deposit: false,
    }
    readings.set(id, { ...said, asked: rub, received: rub, sent: undefined, createdAt: undefined })
  }
  const tell = (id: string) => heed({ provider, reading: readings.get(id)!, source: 'webhook' })
  const webhook = (id: string) => {
    const { invoice, reference } = readings.get(id)!
    const sums = { amount: '1000.00000000', payment_amount: '12.50000000', payer_amount: '12.50000000' }
    const coins = { payer_currency: 'USDT', currency: 'RUB', network: 'tron' }
    const fields = {
      type: 'payment',
      uuid: invoice,
      order_id: reference,
      ...sums,
      ...coins,
      status: 'paid',
      is_final: true,
    }
    const body = phpJson({ ...fields, sign: sign(phpJson(fields), KEYS.heleket.paymentKey) })
    return shop.producer.add(paymentWebhook, { provider: 'heleket', key: `${id}-paid`, body })
  }
  const paid = async () => {
    const rows = await shop.db.rows<{ id: string }>(
      q`select id from payments where id = any(${ids}) and state = 'paid' and booked = 100000 order by id`,
    )
    return rows.map(({ id }) => id)
  }
  return { ids, tell, webhook, paid }
}

test('twenty credits that come at once cost four statements and one wait for the disk, and each is told', async () => {
  const { ids, tell, paid } = await twenty()
  together.take()
  await Promise.all(ids.map(tell))
  const { statements, commits } = together.take()
  expect(statements.map((text) => /\w+/.exec(text)![0])).toEqual(['select', 'with', 'with', 'insert'])
  expect(commits).toBe(1)
  expect(await paid()).toEqual(ids.toSorted())
  const [told] = await shop.db.rows(
    q`select count(*)::int4 as n, count(distinct payload ->> 'personId')::int4 as people from outbox
      where job = 'notice.send' and key like any(${ids.map((id) => `%${id}%`)})`,
  )
  expect(told).toEqual({ n: 20, people: 20 })
})

test('forty webhooks on the queue are taken while one is written, and credited in two transactions more', async () => {
  const { ids, webhook, paid } = await twenty(41)
  const [before, first, ...others] = ids
  // The worker believes the event only after it has read the setting.
  await webhook(before!)
  await eventually(async () => (await paid()).length === 1, { what: 'the setting holds' })
  const working = () => shop.producer.queues.get('billing')![0]!.getActiveCount()
  await eventually(async () => (await working()) === 0, { what: 'the worker is at rest' })
  await shop.db.tx(async (tx) => {
    // The lock holds up every write about a payment, as a slow disk would.
    await tx.rows(q`lock table payment_events in share row exclusive mode`)
    await webhook(first!)
    await eventually(async () => (await working()) === 1, { what: 'one is written' })
    counter.take()
    await Promise.all(others.map(webhook))
    await eventually(async () => (await working()) === 40, { what: 'all are taken' })
  })
  await eventually(async () => (await paid()).length === 41, { what: 'all are paid' })
  const { statements } = counter.take()
  // The first statement may still be on its way to the database when it is counted, and the last event may be
  // taken but not read yet.
  expect(statements.filter((text) => text.startsWith('with said as')).length).toBeLessThanOrEqual(3)
})

test('a payment that is told of three times at once is credited once, beside others', async () => {
  const { ids, tell, paid } = await twenty()
  await Promise.all(ids.flatMap((id) => [tell(id), tell(id), tell(id)]))
  expect(await paid()).toEqual(ids.toSorted())
  const entries = await shop.db.rows<{ n: number }>(
    q`select count(*)::int4 as n from postings where reference like any(${ids.map((id) => `payment-${id}%`)})`,
  )
  expect(entries).toEqual([{ n: 20 }])
})

test('one credit that cannot be posted takes none of its neighbours with it', async () => {
  const { ids, tell, paid } = await twenty()
  // Somebody has posted another sum under the reference that this credit will use.
  const [bad] = ids
  await post(
    shop.db,
    transfer(
      { system: 'adjustments:main' },
      { person: 4_711n },
      { asset: 'RUB', amount: 5n },
      {
        reference: `payment-${bad}-100000`,
        kind: 'adjustment',
      },
    ),
  )
  const ends = await Promise.allSettled(ids.map(tell))
  expect(ends.map(({ status }) => status)).toEqual(ids.map((id) => (id === bad ? 'rejected' : 'fulfilled')))
  expect(await paid()).toEqual(ids.slice(1).toSorted())
})

test('a payment that somebody else has in hand holds up none of its neighbours', async () => {
  const { ids, tell, paid } = await twenty()
  const [held, ...others] = ids
  let late: Promise<void> | undefined
  await shop.db.tx(async (tx) => {
    await tx.rows(q`select 1 from payments where id = ${held} for update`)
    late = tell(held!)
    await Promise.all(others.map(tell))
    expect(await paid()).toEqual(others.toSorted())
  })
  await late
  expect(await paid()).toEqual(ids.toSorted())
})

test('the statement that owes jobs is planned at most five times on a connection, however few they are', async () => {
  const payments = Array.from({ length: 20 }, () => newId())
  await db.tx(async (tx) => {
    for (const paymentId of payments) await oweAll(tx, [owed(drawPayment, { paymentId, round: 'none' })])
    const [plans] = await tx.rows(q<{ kept: number; anew: number }>`
      select generic_plans::int4 as kept, custom_plans::int4 as anew from pg_prepared_statements
      where statement like '%insert into outbox%unnest%'`)
    expect(plans!.anew).toBeLessThanOrEqual(5)
    expect(plans!.kept).toBeGreaterThan(10)
    const gone = await tx.rows(
      q`delete from outbox where payload ->> 'paymentId' = any(${payments}) returning key`,
    )
    expect(gone).toHaveLength(20)
  })
})

test('jobs that end at once are marked in one statement; one that a relay has in hand holds up no other', async () => {
  const keys = Array.from({ length: 20 }, (_, at) => `ended-${at}`)
  const [held, dead, ...others] = keys
  await shop.db.rows(q`
    insert into outbox (key, job, payload, state)
    select key, 'none', '{}', case key when ${dead!} then 'dead' else 'queued' end from unnest(${keys}::text[]) key`)
  const done = async () => {
    const rows = await shop.db.rows<{ key: string }>(q`
      select key from outbox where key = any(${keys}) and state = 'done' order by id`)
    return rows.map(({ key }) => key)
  }
  const marked = markerOf(db)
  let late: Promise<void> | undefined
  await shop.db.tx(async (tx) => {
    await tx.rows(q`select 1 from outbox where key = ${held} for update`)
    together.take()
    late = marked(held!)
    await Promise.all([marked(dead!), ...others.map(marked)])
    // First all of them together, and then one by one the job that is held and the job that is dead.
    expect(together.take().statements.length).toBeLessThanOrEqual(3)
    expect(await done()).toEqual(others)
  })
  await late
  await marked(others[0]!)
  expect(await done()).toEqual([held, ...others])
  await shop.db.rows(q`delete from outbox where key = any(${keys})`)
})

test('twenty commands of one turn reach Redis with one write, in their order, also when the client ends at once', async () => {
  const redis = redisClient(shop.env['REDIS_URL']!, {})
  await redis.ping()
  // What Node calls for one piece and for several at once.
  const stream = redis.stream as unknown as Record<'_write' | '_writev', () => void>
  const [alone, many] = [vi.spyOn(stream, '_write'), vi.spyOn(stream, '_writev')]
  const words = Array.from({ length: 20 }, (_, at) => `word ${at}`)
  expect(await Promise.all(words.map((word) => redis.echo(word)))).toEqual(words)
  expect([alone.mock.calls.length, many.mock.calls.length]).toEqual([0, 1])
  const other = redisClient(shop.env['REDIS_URL']!, {})
  const key = `last-words-${newId()}`
  for (const word of words) redis.rpush(key, word).catch(() => {})
  redis.disconnect()
  await eventually(async () => (await other.llen(key)) === 20, { what: 'what was said last has arrived' })
  expect(await other.lrange(key, 0, -1)).toEqual(words)
  other.disconnect()
})
