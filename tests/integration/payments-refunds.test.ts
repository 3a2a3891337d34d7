import { goods } from '#shop/goods.ts'
import { readConfig } from '#shop/config.ts'
import { readPolicy } from '#shared/money/decisions.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KEYS, type VendorName } from '../../sandbox/payments/start.ts'
import type { Way } from '../../sandbox/payments/vendor.ts'
import { newId } from '#shared/ids.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import { askRefund, moveRefund, openRefund, refundOf } from '#shop/payments/refunds.ts'
import { bookRefund } from '#shop/payments/worker/book-refund.ts'
import type { HeedContext } from '#shop/payments/worker/context.ts'
import { heed } from '#shop/payments/worker/heed.ts'
import { paymentReference } from '#shop/payments/reference.ts'
import type { Reading } from '#shop/payments/providers/port.ts'
import type { Money } from '#shared/money.ts'
import { readPayment } from '#shop/payments/payments.ts'
import { takeSuspended } from '#shop/payments/suspense.ts'
import { audit } from '#shared/audit.ts'
import { onRefund, onSettleRefund } from '#shop/payments/worker/refund.ts'
import { checkPayment, comparePayments, refundPayment, settleRefund } from '#shop/payments/jobs.ts'
import { ensurePerson } from '#shared/people.ts'
import { approveRequest, createRequest, rejectRequest } from '#shop/payments/requests.ts'
import { submitProof, textProof } from '#shop/payments/proofs.ts'
import { eventually } from '../lib/eventually.ts'
import { BOT, openPaymentShop, type PaymentShop } from '../lib/payment-shop.ts'
import { redisAvailable } from '../lib/requirements.ts'

const ADDRESS = 'TXhfYSWt2oKRrHAJVJeYRuit6ZzKuoEKXj'

describe.skipIf(!redisAvailable())('money back, requests by hand, and the comparison', () => {
  let shop: PaymentShop
  let people = 2000n
  beforeAll(async () => {
    shop = await openPaymentShop({ vendors: ['cryptomus', 'heleket', 'mulenpay', 'cryptopay', 'yookassa'] })
  })
  afterAll(() => shop.close())

  const vendor = (name: VendorName) => shop.vendors[name]!
  const paid = async (name: VendorName, way: Way = 'exact') => {
    const personId = ++people
    const payment = await shop.begin(name, { personId })
    await vendor(name).vendor.pay(payment.providerRef ?? '', way, {})
    await eventually(async () => ['paid', 'overpaid'].includes((await shop.payment(payment.id)).state))
    return { id: payment.id, personId, ref: payment.providerRef ?? '' }
  }
  const ask = (paymentId: string, address?: string) =>
    shop.db.tx((tx) =>
      askRefund(tx, { paymentId, adminId: 77n, reason: 'test', ...(address && { address }) }),
    )
  const refund = async (paymentId: string) => (await refundOf(shop.db, paymentId))?.state
  const becomes = (paymentId: string, state: string) =>
    eventually(async () => (await shop.payment(paymentId)).state === state, {
      what: `${paymentId} is ${state}`,
    })
  const spend = (personId: bigint, amount: bigint) => {
    const what = { reference: `spent-${newId()}`, kind: 'stars' } as const
    return post(shop.db, transfer({ person: personId }, { system: 'sales' }, { asset: 'RUB', amount }, what))
  }
  const sendsOf = (ref: string) =>
    vendor('yookassa').requests.filter((one) => one.name === 'POST refunds' && one.body.includes(ref)).length
  const givenBack = async (ref: string) => {
    const login = Buffer.from(`${KEYS.yookassa.shopId}:${KEYS.yookassa.secretKey}`).toString('base64')
    const headers = { authorization: `Basic ${login}` }
    const answer = await fetch(`${vendor('yookassa').url}/v3/payments/${ref}`, { headers })
    return ((await answer.json()) as { refunded_amount?: { value: string } }).refunded_amount?.value
  }
  const alerts = async (text: string) =>
    (
      await shop.db.rows(q`
        select 1 from outbox where job = 'notice.send' and payload->>'text' = ${text}
        union all select 1 from alerts where topic = ${text}`)
    ).length

  test('a refund takes the money back from the balance and sends the whole sum', async () => {
    const { id, personId, ref } = await paid('mulenpay')
    await ask(id)
    expect(await shop.has(personId)).toBe(0n)
    await becomes(id, 'refunded')
    expect(await refund(id)).toBe('done')
    expect(vendor('mulenpay').requests.filter((one) => one.name === 'PUT payments/id/refund')).toHaveLength(1)
    expect((await shop.provider('mulenpay').lookup({ reference: '', invoice: ref }))?.invoice).toBe(ref)
  })

  test("what was spent before the refund is the shop's loss, by name, and nobody goes below zero", async () => {
    const { id, personId } = await paid('mulenpay')
    await spend(personId, 70_000n)
    const quote = await ask(id)
    expect(quote).toMatchObject({ held: { amount: 30_000n }, shortfall: { amount: 70_000n } })
    await becomes(id, 'refunded')
    expect(await shop.has(personId)).toBe(0n)
    const sum = q<{ sum: string }>`select sum(amount)::text as sum from entries where system = 'shortfall'`
    expect(await shop.db.rows(sum)).toEqual([{ sum: '-70000' }])
  })

  test('two admins who refund at once send one refund', async () => {
    const { id } = await paid('mulenpay')
    const before = vendor('mulenpay').requests.length
    const outcomes = await Promise.allSettled([ask(id), ask(id), ask(id)])
    expect(outcomes.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
    await becomes(id, 'refunded')
    const calls = vendor('mulenpay')
      .requests.slice(before)
      .filter((one) => one.name.startsWith('PUT'))
    expect(calls).toHaveLength(1)
  })

  test.each(['cryptomus', 'heleket'] as const)(
    '%s: a refund to an address ends when the vendor says so',
    async (name) => {
      const { id, personId } = await paid(name)
      await ask(id, ADDRESS)
      await becomes(id, 'refunded')
      expect(await shop.has(personId)).toBe(0n)
      const failing = await paid(name)
      vendor(name).settings['refundFails'] = true
      await ask(failing.id, ADDRESS)
      await eventually(async () => (await refund(failing.id)) === undefined, { what: 'refused' })
      vendor(name).settings['refundFails'] = false
      expect(await shop.has(failing.personId)).toBe(100_000n)
      expect((await shop.payment(failing.id)).state).toBe('paid')
      const told = await shop.db.rows(q`select 1 from alerts
        where params ->> 'number' = ${failing.id} and params ->> 'reason' = 'refund-why-vendor'`)
      expect(told).toHaveLength(1)
    },
  )

  test('a refusal of the provider gives the person their money back on the balance', async () => {
    const { id, personId } = await paid('mulenpay')
    vendor('mulenpay').faults.add({ on: 'call', name: 'PUT payments/id/refund', do: { status: 422 } })
    await ask(id)
    await eventually(async () => (await refund(id)) === undefined)
    expect(await shop.has(personId)).toBe(100_000n)
    expect(await alerts('alert-refund-refused')).toBeGreaterThan(0)
  })

  test('a lost reply to a refund is never sent again; an admin who has looked ends it', async () => {
    for (const happened of [true, false]) {
      const { id, personId } = await paid('mulenpay')
      const rule = {
        on: 'call',
        name: 'PUT payments/id/refund',
        do: { drop: happened ? 'after' : 'before' },
      } as const
      vendor('mulenpay').faults.add(rule)
      const before = vendor('mulenpay').requests.length
      await ask(id)
      await eventually(async () => (await refund(id)) === 'unknown')
      const { id: refundId } = (await refundOf(shop.db, id))!
      await shop.producer.add(refundPayment, { refundId }, { id: `again-${refundId}` })
      await expect(ask(id)).rejects.toThrow('refund.already')
      expect(await shop.has(personId)).toBe(0n)
      const action = `payment.refund-${happened ? 'happened' : 'not'}`
      // F79: a job that somebody with access to Redis put on the queue, and for which no admin pressed.
      const context = { db: shop.db, bots: new Map() } as never
      expect(await onSettleRefund(context, { refundId, happened })).toMatchObject({ verdict: 'reject' })
      expect(await refund(id)).toBe('unknown')
      await shop.db.tx((tx) => audit(tx, { actor: 7n, action, target: `payment ${id}` }))
      await shop.producer.add(settleRefund, { refundId, happened })
      await eventually(async () => (await refund(id)) !== 'unknown')
      expect((await shop.payment(id)).state).toBe(happened ? 'refunded' : 'paid')
      expect(await shop.has(personId)).toBe(happened ? 0n : 100_000n)
      const calls = vendor('mulenpay')
        .requests.slice(before)
        .filter((one) => one.name.startsWith('PUT'))
      expect(calls).toHaveLength(1)
    }
  })

  test('YooKassa: a refund whose answer was lost is asked about, and sent again only when it did not happen', async () => {
    const { faults, requests } = vendor('yookassa')
    for (const drop of ['after', 'before'] as const) {
      const { id, personId, ref } = await paid('yookassa')
      // The first answer is lost, and for a while the vendor cannot be asked either.
      faults.add({ on: 'call', name: 'POST refunds', do: { drop } })
      faults.add({ on: 'call', name: 'GET refunds', times: 3, do: { status: 500 } })
      faults.add({ on: 'webhook', name: 'refund.succeeded', do: { lose: true } })
      const before = requests.length
      await ask(id)
      await eventually(async () => (await refund(id)) === 'unknown')
      expect(await shop.has(personId)).toBe(0n)
      const { id: refundId } = (await refundOf(shop.db, id))!
      for (const round of [1, 2])
        await shop.producer.add(refundPayment, { refundId }, { id: `again-${round}-${refundId}` })
      await becomes(id, 'refunded')
      expect(await refund(id)).toBe('done')
      const sent = requests.slice(before).filter((one) => one.name === 'POST refunds')
      expect(sent).toHaveLength(drop === 'after' ? 1 : 2)
      expect(await givenBack(ref)).toBe('1000.00')
    }
  })

  test.each([
    ['mulenpay', 'unknown'],
    ['yookassa', 'done'],
  ] as const)(
    'F10 %s: a worker waits while another one may be sending the same refund, and then finds it %s',
    async (name, end) => {
      const { id } = await paid(name)
      const { refund: sending } = await shop.db.tx(async (tx) =>
        openRefund(tx, (await readPayment(tx, id, true))!, { adminId: 77n, reason: 'test' }),
      )
      await moveRefund(shop.db, sending.id, ['asked'], 'sent')
      const payments = new Map([[name, shop.provider(name)]])
      const look = () =>
        onRefund({ db: shop.db, bots: new Map(), payments } as never, { refundId: sending.id })
      const before = vendor(name).requests.length
      expect(await look()).toMatchObject({ verdict: 'later' })
      expect(vendor(name).requests).toHaveLength(before)
      expect(await refund(id)).toBe('sent')
      const minute = q`interval '1 minute'`
      await shop.db.rows(
        q`update payment_refunds set updated_at = now() - ${minute} where id = ${sending.id}`,
      )
      await look()
      expect(await refund(id)).toBe(end)
    },
  )

  test('what the merchant gives back in the cabinet of YooKassa is told to the admins, and takes nothing away by itself', async () => {
    const { id, personId, ref } = await paid('yookassa')
    const { refund: giveBack } = vendor('yookassa').vendor.actions
    await giveBack?.({ id: ref, amount: '300.00' })
    await giveBack?.({ id: ref, amount: '700.00' })
    const told = q`select 1 from alerts where key like ${`review-${id}-refund%`}`
    await eventually(async () => (await shop.db.rows(told)).length > 0)
    expect(await shop.payment(id)).toMatchObject({ state: 'paid', booked: 100_000n })
    expect(await shop.has(personId)).toBe(100_000n)
  })

  test('YooKassa: a refund that waits is held until the vendor says how it ended', async () => {
    for (const fails of [false, true]) {
      const { id, personId, ref } = await paid('yookassa')
      vendor('yookassa').settings['refundWaits'] = true
      await ask(id)
      await eventually(async () => (await refund(id)) === 'started' && sendsOf(ref) > 0)
      expect(await shop.has(personId)).toBe(0n)
      vendor('yookassa').settings['refundWaits'] = false
      await vendor('yookassa').vendor.actions['refunds']?.({ fails })
      const { id: refundId } = (await refundOf(shop.db, id))!
      await shop.producer.add(refundPayment, { refundId }, { id: `again-${refundId}` })
      if (fails) await eventually(async () => (await refund(id)) === undefined, { what: 'refused' })
      else await becomes(id, 'refunded')
      expect(await shop.has(personId)).toBe(fails ? 100_000n : 0n)
      expect(await givenBack(ref)).toBe(fails ? undefined : '1000.00')
    }
  })

  test('an uncertain refund of the engine is settled by asking', async () => {
    const { id, personId } = await paid('heleket')
    vendor('heleket').faults.add({ on: 'call', name: 'payment/refund', do: { drop: 'after' } })
    vendor('heleket').faults.add({ on: 'webhook', name: 'refund_paid', do: { lose: true } })
    vendor('heleket').faults.add({ on: 'webhook', name: 'refund_process', do: { lose: true } })
    await ask(id, ADDRESS)
    await eventually(async () => (await refund(id)) === 'unknown')
    await shop.producer.add(checkPayment, { paymentId: id, round: 'poll1' })
    await becomes(id, 'refunded')
    expect(await shop.has(personId)).toBe(0n)
  })

  test('a refund of an overpaid payment returns what waits in suspense too', async () => {
    const { id, personId } = await paid('cryptomus', 'more')
    await ask(id, ADDRESS)
    await becomes(id, 'refunded')
    expect(await shop.payment(id)).toMatchObject({ suspended: 0n })
    expect(await shop.has(personId)).toBe(0n)
    const taken = await paid('cryptomus', 'more')
    await shop.db.tx((tx) => takeSuspended(tx, taken.id, taken.personId, 'person'))
    expect(await shop.has(taken.personId)).toBe(125_000n)
    await ask(taken.id, ADDRESS)
    await becomes(taken.id, 'refunded')
    expect(await shop.has(taken.personId)).toBe(0n)
  })

  async function request(amount: bigint, words = newId()): Promise<{ id: string; personId: bigint }> {
    const personId = ++people
    const id = newId()
    await ensurePerson(shop.db, personId, BOT.name)
    const pay = { asset: 'RUB' as const, amount }
    await createRequest(shop.db, { id, personId, bot: BOT.name, method: 'card_ru', pay, credit: pay })
    const bot = { name: BOT.name, admins: [77n, 78n] }
    await shop.db.tx((tx) => submitProof(tx, bot as never, id, [textProof(words)]))
    return { id, personId }
  }
  const yes = async (paymentId: string, adminId: bigint) => {
    const config = readConfig({ DATA_DIR: '/tmp' })
    const app = { config, settings: createSettings(shop.db, config), bots: new Map() }
    const policy = await readPolicy(app, BOT.name)
    return shop.db.tx((tx) =>
      approveRequest(tx, {
        paymentId,
        adminId,
        adminName: String(adminId),
        secondAbove: 1_000_000n,
        policy,
        goods,
      }),
    )
  }

  /** Money under a payment's second invoice, or all that came under its own, as the provider tells it. */
  const hears = async (id: string, received: Money, invoice: string | null = `second-${id}`) => {
    const heleket = shop.provider('heleket')
    const first = await heleket.lookup({ reference: paymentReference(await shop.payment(id)) })
    const reading: Reading = { ...first!, ...(invoice && { invoice }), state: 'overpaid', received }
    const context = { db: shop.db, goods, bots: new Map() }
    await heed(context as unknown as HeedContext, heleket, reading, 'compare')
  }
  const take = (id: string, personId: bigint) => shop.db.tx((tx) => takeSuspended(tx, id, personId, 'person'))

  test('F21 nobody takes what a refund may be giving back, and what comes meanwhile stays', async () => {
    const { id, personId } = await paid('heleket', 'twice')
    const { refund: under } = await shop.db.tx(async (tx) =>
      openRefund(tx, (await readPayment(tx, id, true))!, { adminId: 77n, reason: 'test' }),
    )
    await moveRefund(shop.db, under.id, ['asked'], 'sent')
    await expect(take(id, personId)).rejects.toThrow('refund.already')
    await hears(id, { asset: 'RUB', amount: 50_000n })
    await hears(id, { asset: 'RUB', amount: 230_000n }, null)
    await shop.db.tx((tx) => bookRefund(tx, under))
    expect(await shop.payment(id)).toMatchObject({ state: 'refunded', suspended: 80_000n })
    expect(await shop.has(personId)).toBe(0n)
    await take(id, personId)
    expect(await shop.has(personId)).toBe(80_000n)
  })

  test('F21 what is left over in a second asset is never counted in the first one: it goes to the balance', async () => {
    const { id, personId } = await paid('heleket', 'twice')
    await hears(id, { asset: 'USDT', amount: 5_000_000n })
    expect(await shop.has(personId, 'USDT')).toBe(5_000_000n)
    expect(await alerts('payment-extra-credited')).toBe(1)
    expect(await shop.payment(id)).toMatchObject({ suspended: 100_000n, suspendedAsset: 'RUB' })
    await take(id, personId)
    expect(await shop.has(personId)).toBe(200_000n)
  })

  test('ten admins who approve a request at once credit it once', async () => {
    const { id, personId } = await request(50_000n)
    const outcomes = await Promise.all(Array.from({ length: 10 }, (_, n) => yes(id, 70n + BigInt(n))))
    expect(outcomes.filter((one) => one === 'credited')).toHaveLength(1)
    expect(await shop.has(personId)).toBe(50_000n)
    const no = { paymentId: id, adminId: 77n, adminName: 'x', reason: 'no-money' }
    expect(await shop.db.tx((tx) => rejectRequest(tx, no))).toBe(false)
  })

  test('a large request needs two different admins', async () => {
    const { id, personId } = await request(1_000_000n)
    expect(await yes(id, 77n)).toBe('second-needed')
    expect(await yes(id, 77n)).toBe('second-needed')
    expect(await shop.has(personId)).toBe(0n)
    expect(await yes(id, 78n)).toBe('credited')
    expect(await shop.has(personId)).toBe(1_000_000n)
  })

  test('a person has one open request, and a repeated proof is found whatever its spaces', async () => {
    const first = await request(50_000n, 'Перевод  № 420017')
    await expect(
      createRequest(shop.db, {
        id: newId(),
        personId: first.personId,
        bot: BOT.name,
        method: 'crypto',
        pay: { asset: 'RUB', amount: 1n },
        credit: { asset: 'RUB', amount: 1n },
      }),
    ).rejects.toThrow('request.open')
    await request(50_000n, 'перевод №420017 ')
    expect(await alerts('alert-request-duplicate'), 'once for all admins').toBe(1)
  })

  test("the daily comparison tells what is paid there and nobody's here, and what is credited here and not paid there", async () => {
    const today = () => new Date().toISOString().slice(0, 10)
    const days = new Set([today()])
    const stranger = await shop.provider('cryptopay').createInvoice({
      reference: 'another-shop-1',
      amount: { asset: 'RUB', amount: 77_700n },
      description: 'x',
      lifetimeSeconds: 600,
      language: 'ru',
    })
    await vendor('cryptopay').vendor.pay(stranger.invoice, 'exact', {})
    const { id, ref } = await paid('cryptopay')
    await vendor('cryptopay').vendor.actions['set']?.({ id: ref, status: 'active' })
    // Both days are compared if midnight has come in between.
    for (const day of days.add(today()))
      await shop.producer.add(comparePayments, { provider: 'cryptopay', day })
    const reports = await eventually(async () => {
      const rows = await shop.db.rows(q<{ payload: { orphans: string[]; missing: string[] } }>`
        select payload from payment_events where provider = 'cryptopay' and kind = 'compared'`)
      return rows.length === days.size ? rows : undefined
    })
    expect(reports.flatMap(({ payload }) => payload.orphans)).toEqual([stranger.invoice])
    expect(reports.flatMap(({ payload }) => payload.missing)).toEqual([id])
    expect(await alerts('alert-payment-compared')).toBeGreaterThan(0)
    expect(await shop.payment(id)).toMatchObject({ state: 'paid' })
  })
})
