import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type VendorName, VENDOR_NAMES } from '../../sandbox/payments/start.ts'
import { ensurePerson } from '#shared/people.ts'
import { beginTopUp } from '#shop/payments/top-up.ts'
import { goods } from '#shop/goods.ts'
import { createLog } from '#shared/log.ts'
import { loadTexts } from '#shared/i18n/texts.ts'
import { readerIn } from '#shared/reader.ts'
import { setPaymentCard, shopMark } from '#shop/payments/payments.ts'
import type { Reading } from '#shop/payments/providers/port.ts'
import { takeSuspended } from '#shop/payments/suspense.ts'
import type { HeedContext } from '#shop/payments/worker/context.ts'
import { heed } from '#shop/payments/worker/heed.ts'
import { paymentLines } from '#shop/payments/words.ts'
import { paymentReference, readReference } from '#shop/payments/reference.ts'
import { eventually } from '../lib/eventually.ts'
import { VENDOR_CALLS } from '../lib/vendor-calls.ts'
import { BOT, openPaymentShop, type PaymentShop } from '../lib/payment-shop.ts'
import { redisAvailable } from '../lib/requirements.ts'

const NAMES = VENDOR_NAMES

describe.skipIf(!redisAvailable())('money through providers', () => {
  let shop: PaymentShop
  let people = 1000n
  const nobody = () => ++people
  beforeAll(async () => {
    shop = await openPaymentShop({ vendors: NAMES })
  })
  afterAll(() => shop.close())

  const vendor = (name: VendorName) => {
    const found = shop.vendors[name]
    if (!found) throw new Error(name)
    return found
  }
  const pay = (
    name: VendorName,
    ref: string | null | undefined,
    way: Parameters<ReturnType<typeof vendor>['vendor']['pay']>[1],
  ) => vendor(name).vendor.pay(ref ?? '', way, {})
  const becomes = (id: string, state: string) =>
    eventually(async () => (await shop.payment(id)).state === state, { what: `${id} becomes ${state}` })

  test.each(NAMES)('%s: an invoice is made, paid, and credited by itself', async (name) => {
    const personId = nobody()
    const payment = await shop.begin(name, { personId })
    expect(payment.state).toBe('pending')
    await pay(name, payment.providerRef, 'exact')
    await becomes(payment.id, 'paid')
    expect(await shop.has(personId)).toBe(100_000n)
  })

  test.each(NAMES)(
    'F14 %s: the same webhook ten times at once credits once and gets ten 200s',
    async (name) => {
      const personId = nobody()
      const payment = await shop.begin(name, { personId })
      const word = VENDOR_CALLS[name].paid
      vendor(name).faults.add({ on: 'webhook', name: word, do: { duplicate: 9 } })
      await pay(name, payment.providerRef, 'exact')
      await becomes(payment.id, 'paid')
      const sent = vendor(name)
        .deliveries.filter((one) => one.status === word)
        .slice(-10)
      expect(sent.map((one) => one.attempts[0]?.answer)).toEqual(Array(10).fill(200))
      expect(await shop.has(personId)).toBe(100_000n)
    },
  )

  test.each(NAMES)('F15 %s: an event that overtakes the reply of create is credited', async (name) => {
    const personId = nobody()
    vendor(name).faults.add({ on: 'call', name: VENDOR_CALLS[name].create, do: { pay_first: true } })
    const payment = await shop.begin(name, { personId })
    await becomes(payment.id, 'paid')
    expect(await shop.has(personId)).toBe(100_000n)
  })

  test('F15 an event about a payment whose row is not committed yet waits for it and is credited as promised', async () => {
    const personId = nobody()
    const payment = await shop.begin('heleket', { personId, credit: { asset: 'TOK', amount: 70n } })
    await shop.db.rows(q`create table saved as select * from payments where id = ${payment.id}`)
    await shop.db.rows(q`delete from payment_events where payment_id = ${payment.id}`)
    await shop.db.rows(q`delete from payments where id = ${payment.id}`)
    const other = await shop.db.pool.connect()
    await other.query('begin')
    await other.query('insert into payments select * from saved')
    await pay('heleket', payment.providerRef, 'exact')
    const waiting = q`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
    await eventually(async () => (await shop.db.rows(waiting)).length > 0, {
      what: 'billing waits for the row',
    })
    await other.query('commit')
    other.release()
    await becomes(payment.id, 'paid')
    expect(await shop.has(personId, 'TOK')).toBe(70n)
    expect((await shop.payment(payment.id)).details['restored']).toBeUndefined()
  })

  test('F36 money under the reference of a stranger is kept for the admins and credited to nobody', async () => {
    const [first] = await shop.db.rows(q<{ details: object }>`select ${shopMark} as details`)
    const stranger = { id: '0123456789abcdef', personId: 987_654_321n, details: { ...first!.details } }
    const made = await shop.provider('cryptopay').createInvoice({
      reference: paymentReference(stranger),
      amount: { asset: 'RUB', amount: 50_000n },
      description: 'x',
      lifetimeSeconds: 600,
      language: 'ru',
    })
    await pay('cryptopay', made.invoice, 'exact')
    await eventually(
      async () =>
        (await shop.db.rows(q`select 1 from alerts where topic = 'alert-payment-orphan'`)).length > 0,
    )
    expect(await shop.has(stranger.personId)).toBe(0n)
    expect(await shop.db.rows(q`select 1 from payment_events where kind = 'orphan'`)).not.toHaveLength(0)
  })

  test('F16 a "failed" or "cancel" after "paid", and events out of order, change nothing', async () => {
    const personId = nobody()
    const payment = await shop.begin('cryptomus', { personId })
    vendor('cryptomus').faults.add({ on: 'webhook', name: 'confirm_check', do: { swap: true } })
    await pay('cryptomus', payment.providerRef, 'exact')
    await becomes(payment.id, 'paid')
    for (const status of ['fail', 'cancel', 'wrong_amount', 'system_fail']) {
      await vendor('cryptomus').vendor.actions['tell']?.({ id: payment.providerRef, status })
    }
    const last = await shop.begin('cryptomus', { personId: nobody() })
    await pay('cryptomus', last.providerRef, 'exact')
    await becomes(last.id, 'paid')
    expect(await shop.payment(payment.id)).toMatchObject({ state: 'paid', booked: 100_000n })
    expect(await shop.has(personId)).toBe(100_000n)
  })

  test.each(NAMES)(
    'F17 %s: a lie about a payment, forged or under the live key, credits nothing',
    async (name) => {
      const personId = nobody()
      const payment = await shop.begin(name, { personId })
      const before = vendor(name).requests.length
      await vendor(name).vendor.actions['tell']?.({ id: payment.providerRef, status: 'paid' })
      await eventually(() => vendor(name).requests.length > before, { what: 'the provider is asked' })
      vendor(name).faults.add({ on: 'webhook', do: { forge: true } })
      await vendor(name).vendor.actions['tell']?.({ id: payment.providerRef, status: 'paid' })
      const answers = vendor(name)
        .deliveries.at(-1)
        ?.attempts.map((one) => one.answer)
      expect(answers?.[0]).toBe(shop.provider(name).supports.signedWebhooks ? 401 : 200)
      expect(await shop.has(personId)).toBe(0n)
      expect((await shop.payment(payment.id)).state).toBe('pending')
    },
  )

  test('F21 less than asked buys nothing and waits for its owner', async () => {
    const personId = nobody()
    const payment = await shop.begin('heleket', { personId })
    await pay('heleket', payment.providerRef, 'less')
    await becomes(payment.id, 'underpaid')
    expect(await shop.payment(payment.id)).toMatchObject({ booked: 0n })
    await pay('heleket', payment.providerRef, 'decline')
    await eventually(async () => (await shop.payment(payment.id)).suspended === 60_000n)
    expect(await shop.has(personId)).toBe(0n)
  })

  test('F21 the rest of an underpayment makes it whole', async () => {
    const personId = nobody()
    const payment = await shop.begin('cryptomus', { personId })
    await pay('cryptomus', payment.providerRef, 'less')
    await becomes(payment.id, 'underpaid')
    await pay('cryptomus', payment.providerRef, 'rest')
    await becomes(payment.id, 'paid')
    expect(await shop.has(personId)).toBe(100_000n)
  })

  test('F21 more than asked buys what was promised, and the rest waits', async () => {
    const personId = nobody()
    const payment = await shop.begin('cryptomus', { personId })
    await pay('cryptomus', payment.providerRef, 'more')
    await becomes(payment.id, 'overpaid')
    expect(await shop.payment(payment.id)).toMatchObject({ booked: 125_000n, suspended: 25_000n })
    expect(await shop.has(personId)).toBe(100_000n)
  })

  test('F21 a second transfer to a paid invoice waits for its owner', async () => {
    const personId = nobody()
    const payment = await shop.begin('heleket', { personId })
    await pay('heleket', payment.providerRef, 'twice')
    await becomes(payment.id, 'overpaid')
    expect(await shop.payment(payment.id)).toMatchObject({ booked: 200_000n, suspended: 100_000n })
    expect(await shop.has(personId)).toBe(100_000n)
  })

  test.each(NAMES)(
    'F21 %s: money under a second invoice of a paid payment stands on its card, before and after it is taken',
    async (name) => {
      const personId = nobody()
      const payment = await shop.begin(name, { personId })
      await setPaymentCard(shop.db, payment.id, { bot: payment.bot, chatId: Number(personId), messageId: 1 })
      await pay(name, payment.providerRef, 'exact')
      await becomes(payment.id, 'paid')
      const sum = { asset: 'RUB', amount: 100_000n } as const
      const second: Reading = {
        invoice: `second-${payment.id}`,
        reference: paymentReference(payment),
        state: 'paid',
        status: 'paid',
        asked: sum,
        received: sum,
        sent: undefined,
        deposit: false,
        createdAt: undefined,
      }
      const context = {
        db: shop.db,
        log: createLog({ level: 'silent', name: 'test' }),
        goods,
        bots: new Map(),
      }
      for (const _ of ['told', 'told again'])
        await heed(context as unknown as HeedContext, shop.provider(name), second, 'compare')
      const redraws = () =>
        shop.db.rows(q<{ key: string }>`
          select key from outbox where key ~ ${`^card-${payment.id}-(other|taken)`} order by key`)
      const card = async () =>
        paymentLines(readerIn(loadTexts(), 'ru'), await shop.payment(payment.id))
          .join('\n')
          .replaceAll('\u00a0', ' ')
      expect(await card()).toContain('Зачислено: 1 000 ₽, ещё ждут вас: 1 000 ₽.\nВсего пришло 2 000 ₽')
      await shop.db.tx((tx) => takeSuspended(tx, payment.id, personId, 'person'))
      expect(await card()).toContain('Зачислено: 2 000 ₽.\nВсего пришло 2 000 ₽, из них сверх счёта 1 000 ₽.')
      expect(await shop.has(personId)).toBe(200_000n)
      const named = [`other-second-${payment.id}`, 'taken-1'].map((round) => `card-${payment.id}-${round}`)
      expect((await redraws()).map(({ key }) => key)).toEqual(named)
    },
  )

  test.each(['mulenpay', 'cryptopay', 'yookassa'] as const)(
    'F21 %s: another sum than ours goes to review',
    async (name) => {
      const personId = nobody()
      const payment = await shop.begin(name, { personId })
      await vendor(name).vendor.actions['set']?.({ id: payment.providerRef, amount: '1.00' })
      await pay(name, payment.providerRef, 'exact')
      await becomes(payment.id, 'review')
      expect(await shop.has(personId)).toBe(0n)
      expect(await shop.payment(payment.id)).toMatchObject({ booked: 100n, suspended: 100n })
    },
  )

  test('F21 another currency than ours goes to review', async () => {
    for (const [name, currency] of [
      ['cryptopay', { fiat: 'THB' }],
      ['yookassa', { currency: 'KZT' }],
    ] as const) {
      const personId = nobody()
      const payment = await shop.begin(name, { personId })
      await vendor(name).vendor.actions['set']?.({ id: payment.providerRef, ...currency })
      await pay(name, payment.providerRef, 'exact')
      await becomes(payment.id, 'review')
      expect(await shop.payment(payment.id)).toMatchObject({ booked: 0n })
      expect(await shop.has(personId)).toBe(0n)
    }
  })

  test('paid after the deadline is credited when it is the same money', async () => {
    for (const name of ['cryptomus', 'mulenpay'] as const) {
      const personId = nobody()
      const payment = await shop.begin(name, { personId })
      await pay(name, payment.providerRef, 'late')
      await becomes(payment.id, 'paid')
      expect(await shop.has(personId)).toBe(100_000n)
    }
  })

  test('paid after the deadline at a price that ran out waits for its owner', async () => {
    const personId = nobody()
    const payment = await shop.begin('heleket', { personId, credit: { asset: 'TOK', amount: 10n } })
    await pay('heleket', payment.providerRef, 'decline')
    await becomes(payment.id, 'expired')
    await pay('heleket', payment.providerRef, 'exact')
    await becomes(payment.id, 'paid')
    expect(await shop.payment(payment.id)).toMatchObject({ suspended: 100_000n })
    expect(await shop.has(personId, 'TOK')).toBe(0n)
  })

  test('tokens bought through a provider arrive at the price of the invoice', async () => {
    const personId = nobody()
    const payment = await shop.begin('cryptopay', { personId, credit: { asset: 'TOK', amount: 100n } })
    await pay('cryptopay', payment.providerRef, 'exact')
    await becomes(payment.id, 'paid')
    expect(await shop.has(personId, 'TOK')).toBe(100n)
    expect(await shop.has(personId)).toBe(0n)
  })

  test('F36 the events of a restored backup, played again, are harmless', async () => {
    const personId = nobody()
    const payment = await shop.begin('heleket', { personId })
    await pay('heleket', payment.providerRef, 'exact')
    await becomes(payment.id, 'paid')
    const body = vendor('heleket').deliveries.at(-1)?.body ?? ''
    const { key } = shop.provider('heleket').readWebhook(body)
    const { paymentWebhook } = await import('#shop/payments/jobs.ts')
    for (const again of ['a', 'b', 'c']) {
      await shop.producer.add(paymentWebhook, { provider: 'heleket', key: key + again, body })
    }
    const queue = shop.producer.queues.get('billing')?.[0]
    await eventually(async () => {
      const counts = await queue?.getJobCounts('waiting', 'active', 'delayed', 'prioritized')
      return Object.values(counts ?? { left: 1 }).every((count) => count === 0)
    })
    expect(await shop.has(personId)).toBe(100_000n)
  })

  test('an AML lock is reviewed, and the money counts once it is free', async () => {
    const personId = nobody()
    const payment = await shop.begin('cryptomus', { personId })
    await vendor('cryptomus').vendor.actions['status']?.({ id: payment.providerRef, status: 'locked' })
    await becomes(payment.id, 'review')
    await vendor('cryptomus').vendor.actions['status']?.({ id: payment.providerRef, status: 'paid' })
    await becomes(payment.id, 'paid')
    expect(await shop.has(personId)).toBe(100_000n)
  })

  test('a lost reply of create never makes a second payable invoice where repeating is not safe', async () => {
    for (const [name, call] of [
      ['mulenpay', 'POST payments'],
      ['cryptopay', 'createInvoice'],
    ] as const) {
      const personId = nobody()
      vendor(name).faults.add({ on: 'call', name: call, do: { drop: 'after' } })
      const id = `lost000000000${name.slice(0, 3)}`
      const { state, providerRef } = await shop.begin(name, { personId, id })
      const made = vendor(name)
        .vendor.invoices()
        .filter((one) => one.reference.includes(id))
      expect(made).toHaveLength(1)
      // Crypto Pay tells the link again; MulenPay does not, so the person is asked to begin anew.
      expect(state).toBe(name === 'cryptopay' ? 'pending' : 'failed')
      expect(providerRef).toBe(name === 'cryptopay' ? made[0]?.id : null)
      // And yet an invoice that is paid is credited.
      await pay(name, made[0]?.id, 'exact')
      await becomes(id, 'paid')
      expect(await shop.has(personId)).toBe(100_000n)
    }
  })

  test('YooKassa: a lost reply of create is repeated under the same key, and only while the key is remembered', async () => {
    const { requests, faults, vendor: yookassa } = vendor('yookassa')
    const madeFor = (id: string) => yookassa.invoices().filter((one) => one.reference.includes(id))
    const creates = () => requests.filter((one) => one.name === 'POST payments').length
    faults.add({ on: 'call', name: 'POST payments', do: { status: 500, after: true } })
    const first = await shop.begin('yookassa', { personId: nobody() })
    expect(first.state).toBe('pending')
    expect(madeFor(first.id)).toHaveLength(1)
    // A day has passed since the invoice was asked for, and nobody knows what came of it.
    const personId = nobody()
    const id = 'day0000000000yoo'
    await ensurePerson(shop.db, personId, BOT.name)
    await shop.db.tx(async (tx) => {
      await beginTopUp(tx, shop.provider('yookassa'), {
        id,
        personId,
        bot: BOT.name,
        pay: { asset: 'RUB', amount: 100_000n },
        description: 'x',
        language: 'ru',
      })
      await tx.rows(q`
        update payments set details = details || jsonb_build_object('invoiceAskedAt', now() - interval '25 hours')
        where id = ${id}`)
    })
    const before = creates()
    await becomes(id, 'failed')
    expect(creates()).toBe(before)
    expect(madeFor(id)).toEqual([])
  })

  test('the reference carries the payment and the person, and fits every vendor', () => {
    const [id, personId] = ['0123456789abcdef', 9_223_372_036_854_775_807n]
    const reference = paymentReference({ id, personId, details: { shop: '01ab23cd' } })
    // YooKassa takes at most 64 as the key of a request.
    expect(reference).toMatch(/^[A-Za-z0-9_-]{1,64}$/)
    expect(readReference(reference)).toEqual({ shop: '01ab23cd', id, personId })
    // The reference that release 0.1 made.
    expect(readReference(paymentReference({ id, personId, details: {} }))).toEqual({
      shop: undefined,
      id,
      personId,
    })
  })
})
