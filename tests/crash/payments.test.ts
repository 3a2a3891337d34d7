import { afterEach, describe, expect, test } from 'vitest'
import { sql as q } from 'kysely'
import { newId } from '#shared/ids.ts'
import { beginCharge } from '#shop/payments/charges.ts'
import { keptCard } from '#shop/payments/kept-cards.ts'
import { checkPayment, paymentWebhook } from '#shop/payments/jobs.ts'
import { startCutProxy } from '../lib/cut-proxy.ts'
import { eventually } from '../lib/eventually.ts'
import { openPaymentShop, type PaymentShop } from '../lib/payment-shop.ts'
import { VENDOR_CALLS } from '../lib/vendor-calls.ts'
import { startNode, type TestProcess } from '../lib/processes.ts'
import { type PrivateRedis, startPrivateRedis } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'

describe.skipIf(!redisAvailable())('payments while processes and servers go away', () => {
  let shop: PaymentShop
  let redis: PrivateRedis | undefined
  const processes: TestProcess[] = []
  afterEach(async () => {
    await Promise.all(processes.splice(0).map((one) => one.kill('SIGKILL')))
    await shop.close()
    await redis?.stop()
    redis = undefined
  })

  async function billing(env: Record<string, string> = shop.env): Promise<TestProcess> {
    const started = startNode('bin/worker.ts', ['billing'], { env: { ...env, LOG_LEVEL: 'info' } })
    processes.push(started)
    await started.waitFor(/workers are ready/)
    return started
  }

  test('F14 the same webhook 50 times at once on three billing processes credits once', async () => {
    shop = await openPaymentShop({ vendors: ['heleket'], workers: [] })
    await Promise.all([billing(), billing(), billing()])
    const vendor = shop.vendors['heleket']!
    const payment = await shop.begin('heleket')
    vendor.faults.add({ on: 'webhook', name: 'paid', do: { duplicate: 49 } })
    await vendor.vendor.pay(payment.providerRef ?? '', 'exact', {})
    const sent = vendor.deliveries.filter((one) => one.status === 'paid')
    expect(sent.map((one) => one.attempts[0]?.answer)).toEqual(Array(50).fill(200))
    await eventually(async () => (await shop.payment(payment.id)).state === 'paid')
    // The queue remembers the ids of jobs, so the same is shown without that memory: 50 jobs, 50 handlers, three
    // processes.
    const second = await shop.begin('heleket')
    vendor.faults.add({ on: 'webhook', times: 0, do: { lose: true } })
    await vendor.vendor.pay(second.providerRef ?? '', 'exact', {})
    const { body } = vendor.deliveries.at(-1)!
    const { key } = shop.provider('heleket').readWebhook(body)
    await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        shop.producer.add(paymentWebhook, { provider: 'heleket', key: `${key}-${n}`, body }),
      ),
    )
    await eventually(async () => (await jobsLeft(shop)) === 0, { what: 'all jobs done' })
    expect(await shop.has(5n)).toBe(200_000n)
    const postings = await shop.db.rows(q`select 1 from postings where kind = 'payment'`)
    expect(postings).toHaveLength(2)
  })

  test('F5 a billing process killed while it asks the provider or charges a kept card credits once after its restart', async () => {
    const names = ['mulenpay', 'yookassa'] as const
    shop = await openPaymentShop({ vendors: [...names], workers: [] })
    const first = await billing()
    const payments = new Map(
      await Promise.all(names.map(async (name) => [name, await shop.begin(name)] as const)),
    )
    const pay = async (name: (typeof names)[number]) => {
      const { faults, vendor, requests } = shop.vendors[name]!
      faults.add({ on: 'call', name: VENDOR_CALLS[name].lookup, do: { silent: true } })
      // The vendor tells twice, and the process dies between the first event and what follows from it.
      faults.add({ on: 'webhook', name: VENDOR_CALLS[name].paid, do: { duplicate: 1 } })
      await vendor.pay(payments.get(name)!.providerRef ?? '', 'exact', {})
      await eventually(() => requests.some((one) => one.status === 'silent'))
    }
    await Promise.all(names.map(pay))
    const charge = await chargeThatHangs(shop)
    await first.kill('SIGKILL')
    await billing()
    for (const [name, { id, providerRef }] of payments) {
      // The killed job comes back only when its lock ends, and a poll does not wait for that.
      await shop.producer.add(checkPayment, { paymentId: id, round: 'poll1' })
      await shop.vendors[name]!.vendor.actions['tell']?.({ id: providerRef })
      await eventually(async () => (await shop.payment(id)).state === 'paid')
    }
    await eventually(async () => (await jobsLeft(shop)) === 0, { what: 'all hints were heeded' })
    expect(await shop.has(5n)).toBe(200_000n)
    // The charge had reached the provider, and the job that was repeated asked under the same key.
    expect((await shop.payment(charge)).state).toBe('paid')
    expect(await shop.has(6n)).toBe(39_900n)
    const made = shop.vendors['yookassa']!.vendor.invoices()
    expect(made.filter(({ reference }) => reference.includes(charge))).toHaveLength(1)
  })

  test('F22 with the queue down a webhook gets 503 with Retry-After, and its repetition is credited', async () => {
    redis = await startPrivateRedis()
    shop = await openPaymentShop({ vendors: ['cryptopay'], redis: redis.url })
    const payment = await shop.begin('cryptopay')
    const vendor = shop.vendors['cryptopay']!
    await redis.kill()
    const body = '{"update_id":1,"update_type":"invoice_paid","payload":{"invoice_id":1,"status":"active"}}'
    const { cryptoPaySignature } = await import('#shop/payments/providers/cryptopay.ts')
    const sign = cryptoPaySignature(Buffer.from(body), shop.env['CRYPTO_BOT_TOKEN'] ?? '')
    const refused = await fetch(`${shop.url}/webhooks/cryptopay`, {
      method: 'POST',
      headers: { 'crypto-pay-api-signature': sign },
      body,
    })
    expect(refused.status).toBe(503)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    await vendor.vendor.pay(payment.providerRef ?? '', 'exact', {})
    expect(vendor.deliveries.at(-1)?.attempts[0]?.answer).toBe(503)
    await redis.start()
    await eventually(async () => (await shop.payment(payment.id)).state === 'paid')
    expect(await shop.has(5n)).toBe(100_000n)
  })

  test('F22 with only the database down a webhook gets 200, its job waits, and it is credited later', async () => {
    shop = await openPaymentShop({ vendors: ['heleket'], workers: [] })
    const proxy = await startCutProxy(shop.env['DATABASE_URL'] ?? '')
    await billing({ ...shop.env, DATABASE_URL: proxy.url })
    const payment = await shop.begin('heleket')
    proxy.be('down')
    const vendor = shop.vendors['heleket']!
    await vendor.vendor.pay(payment.providerRef ?? '', 'exact', {})
    expect(vendor.deliveries.at(-1)?.attempts.at(-1)?.answer).toBe(200)
    expect((await shop.payment(payment.id)).state).toBe('pending')
    proxy.be('up')
    await eventually(async () => (await shop.payment(payment.id)).state === 'paid')
    expect(await shop.has(5n)).toBe(100_000n)
    await Promise.all(processes.splice(0).map((one) => one.kill('SIGKILL')))
    await proxy.close()
  })

  test('F20 everything that was paid while we were away is found by polling and by the daily comparison', async () => {
    const names = ['cryptomus', 'mulenpay', 'cryptopay', 'yookassa'] as const
    shop = await openPaymentShop({
      vendors: [...names],
      workers: [],
      gateway: false,
    })
    const worker = await billing()
    const begun = []
    for (const name of names) {
      for (const personId of [11n, 12n])
        begun.push({ name, personId, payment: await shop.begin(name, { personId }) })
    }
    await worker.kill('SIGTERM')
    for (const { name, payment } of begun)
      await shop.vendors[name]!.vendor.pay(payment.providerRef ?? '', 'exact', {})
    // Time passes: some payments are due for a look, and the others are too old to be looked at.
    await shop.db.rows(q`
      update payments set next_check_at = case when person_id = 11 then now() - interval '1 hour' end`)
    await billing()
    const upkeep = startNode('bin/worker.ts', ['upkeep'], { env: { ...shop.env, LOG_LEVEL: 'info' } })
    processes.push(upkeep)
    await upkeep.waitFor(/workers are ready/)
    await eventually(async () => (await shop.has(11n)) === 400_000n, {
      what: 'found by polling',
    })
    await eventually(async () => (await shop.has(12n)) === 400_000n, {
      what: 'found by comparing',
    })
    const healed = async () => {
      const compared = await shop.db.rows(q<{ healed: string[] }>`
        select payload->'healed' as healed from payment_events where kind = 'compared'`)
      return compared.flatMap((one) => one.healed).length
    }
    // The comparison notes what it healed only after healing it.
    await expect.poll(healed).toBeGreaterThan(0)
  })
})

async function jobsLeft(shop: PaymentShop): Promise<number> {
  const [queue] = shop.producer.queues.get('billing') ?? []
  const counts = await queue!.getJobCounts('waiting', 'active', 'delayed', 'prioritized')
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

/** A card that its owner let the vendor keep is charged for a renewal, and the vendor does it and does not answer. */
async function chargeThatHangs(shop: PaymentShop): Promise<string> {
  const { faults, vendor, requests } = shop.vendors['yookassa']!
  const made = await shop.begin('yookassa', {
    personId: 6n,
    keepCard: true,
    pay: { asset: 'RUB', amount: 10_000n },
  })
  await vendor.pay(made.providerRef!, 'exact', {})
  await eventually(async () => (await keptCard(shop.db, 6n)) !== undefined, { what: 'the kept card' })
  await shop.db.rows(q`
    insert into subscriptions (id, person_id, plan, bot, paid_with, renews, expires_at)
    values ('kept', 6, 'plus', 'main', 'balance', true, now())`)
  faults.add({ on: 'call', name: VENDOR_CALLS.yookassa.create, do: { silent: true } })
  faults.add({ on: 'webhook', name: VENDOR_CALLS.yookassa.paid, do: { lose: true } })
  const id = newId()
  await shop.db.tx((tx) =>
    beginCharge(tx, {
      id,
      personId: 6n,
      bot: 'main',
      provider: 'yookassa',
      kopecks: 29_900n,
      keptWith: made.id,
      digits: '4477',
      renewal: { id: 'kept', period: 1 },
      description: 'Plus',
      language: 'ru',
    }),
  )
  await eventually(() =>
    requests.some(({ body, status }) => body.includes('payment_method_id') && status === 'silent'),
  )
  return id
}
