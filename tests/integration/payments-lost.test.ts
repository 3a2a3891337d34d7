import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { secretsFrom } from '#shared/secrets.ts'
import type { VendorName } from '../../sandbox/payments/start.ts'
import { readConfig } from '#shop/config.ts'
import { goods } from '#shop/goods.ts'
import { creditReviewed, disownLost } from '#shop/payments/give-back.ts'
import { paymentReference } from '#shop/payments/reference.ts'
import { heed } from '#shop/payments/worker/heed.ts'
import { createLog } from '#shared/log.ts'
import type { Payment } from '#shared/money/tables.ts'
import { ensurePerson } from '#shared/people.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { eventually } from '../lib/eventually.ts'
import { openPaymentShop, type PaymentShop } from '../lib/payment-shop.ts'
import { redisAvailable } from '../lib/requirements.ts'

describe.skipIf(!redisAvailable())('payments that the database has lost', () => {
  let shop: PaymentShop
  let people = 1000n
  const nobody = () => ++people
  beforeAll(async () => {
    shop = await openPaymentShop({ vendors: ['cryptomus', 'heleket', 'mulenpay', 'cryptopay'] })
  })
  afterAll(() => shop.close())

  const vendor = (name: VendorName) => shop.vendors[name]!
  const pay = (
    name: VendorName,
    ref: string | null | undefined,
    way: Parameters<ReturnType<typeof vendor>['vendor']['pay']>[1],
  ) => vendor(name).vendor.pay(ref ?? '', way, {})
  const becomes = (id: string, state: string) =>
    eventually(
      async () =>
        (await shop.db.rows(q`select from payments where id = ${id} and state = ${state}`)).length > 0,
      { what: `${id} becomes ${state}` },
    )
  /** Restores a backup from before the payment. */
  const loses = async ({ id }: { id: string }) => {
    await shop.db.rows(q`delete from payment_events where payment_id = ${id}`)
    await shop.db.rows(q`delete from payments where id = ${id}`)
  }
  const billing = () => {
    const config = readConfig(shop.env)
    const log = createLog({ level: 'silent', name: 'test' })
    const [settings, secrets] = [createSettings(shop.db, config), secretsFrom(config)]
    return { db: shop.db, config, settings, secrets, log, goods, bots: new Map() }
  }
  /** Hears what the provider says now, as the daily comparison does. */
  const hears = async (name: VendorName, payment: Payment, context = billing()) => {
    const provider = shop.provider(name)
    const reference = paymentReference(payment)
    const reading = await provider.lookup({ reference, invoice: payment.providerRef ?? '' })
    await heed(context, provider, reading!, 'compare')
  }
  const codeOf = (error: { code?: string }) => error.code

  test('F36 money under a reference that the restored database has lost finds its person', async () => {
    const personId = nobody()
    const payment = await shop.begin('cryptopay', { personId })
    await shop.db.rows({ text: `delete from payment_events where payment_id = $1`, values: [payment.id] })
    await shop.db.rows({ text: `delete from payments where id = $1`, values: [payment.id] })
    await pay('cryptopay', payment.providerRef, 'exact')
    await becomes(payment.id, 'paid')
    expect(await shop.has(personId)).toBe(100_000n)
    expect((await shop.payment(payment.id)).details['restored']).toBe(true)
  })

  test('F78 of money under references that this database does not know a provider has a ceiling a day; the rest is an admin’s', async () => {
    // The ceiling is 5,000 ₽ unless an admin has set another one.
    const people = [nobody(), nobody()]
    const payments: Payment[] = []
    for (const personId of people) {
      const payment = await shop.begin('mulenpay', { personId, pay: { asset: 'RUB', amount: 400_000n } })
      await shop.db.rows({ text: `delete from payment_events where payment_id = $1`, values: [payment.id] })
      await shop.db.rows({ text: `delete from payments where id = $1`, values: [payment.id] })
      payments.push(payment)
    }
    await pay('mulenpay', payments[0]!.providerRef, 'exact')
    await becomes(payments[0]!.id, 'paid')
    await pay('mulenpay', payments[1]!.providerRef, 'exact')
    const alert = await eventually(async () => {
      const [row] = await shop.db.rows<{ params: Record<string, unknown> }>({
        text: `select params from alerts where topic = 'alert-payment-lost'`,
        values: [],
      })
      return row
    })
    expect(alert.params).toMatchObject({
      person: String(people[1]),
      sum: { amount: '400000', asset: 'RUB' },
    })
    expect(await shop.has(people[0]!)).toBe(400_000n)
    expect(await shop.has(people[1]!)).toBe(0n)

    // The payment that is told of again on another day still waits, because an admin may have credited it
    // meanwhile.
    await shop.db.rows(q`
      update payments set created_at = created_at - interval '25 hours' where person_id = any(${people})`)
    const told = () => hears('mulenpay', payments[1]!)
    await told()
    expect(await shop.has(people[1]!)).toBe(0n)
    const id = payments[1]!.id
    expect(await creditReviewed(billing(), { bot: 'main', by: people[1]!, id }).catch(codeOf)).toBe(
      'admin.own-money',
    )
    expect(await creditReviewed(billing(), { bot: 'main', by: 77n, id })).toBe('credited')
    expect(await creditReviewed(billing(), { bot: 'main', by: 77n, id })).toBe('stale')
    await told()
    expect(await shop.has(people[1]!)).toBe(400_000n)
    expect(await shop.payment(id)).toMatchObject({ state: 'paid', booked: 400_000n, suspended: 0n })
  })

  test('F124 a lost payment that an admin finds to be nobody’s is closed, and nothing that is told of it credits it any more', async () => {
    const personId = nobody()
    const payment = await shop.begin('cryptomus', { personId, pay: { asset: 'RUB', amount: 900_000n } })
    await loses(payment)
    await pay('cryptomus', payment.providerRef, 'exact')
    await becomes(payment.id, 'review')
    const { id } = payment
    const disown = (by: bigint) => disownLost(billing(), { bot: 'main', by, id }).catch(codeOf)
    expect(await disown(personId)).toBe('admin.own-money')
    expect((await Promise.all([disown(77n), disown(78n)])).toSorted()).toEqual([false, true])
    // The payment is told of again, also while payments that a restore lost are being credited, and by a key of
    // the chat that was open before.
    await hears('cryptomus', payment)
    await hears('cryptomus', payment, { ...billing(), config: { ...billing().config, recoveryMode: true } })
    expect(await creditReviewed(billing(), { bot: 'main', by: 77n, id })).toBe('stale')
    expect(await shop.payment(id)).toMatchObject({ state: 'cancelled', booked: 0n, suspended: 0n })
    expect(await shop.has(personId)).toBe(0n)
    expect(
      await shop.db.rows(
        q`select 1 from audit_log where action = 'payment.disown' and target = ${`payment ${id}`}`,
      ),
    ).toHaveLength(1)
    // A payment that waits for another reason is no lost one, and keeps its keys.
    const other = await shop.begin('cryptomus', { personId })
    await shop.db.rows(q`update payments set state = 'review' where id = ${other.id}`)
    expect(await disownLost(billing(), { bot: 'main', by: 77n, id: other.id })).toBe(false)
  })

  test('F78 the ceiling looks at what came: what is above the sum that was asked for would wait for its person', async () => {
    const personId = nobody()
    const payment = await shop.begin('heleket', { personId, pay: { asset: 'RUB', amount: 450_000n } })
    await loses(payment)
    await pay('heleket', payment.providerRef, 'more')
    await becomes(payment.id, 'review')
    expect(await shop.payment(payment.id)).toMatchObject({ booked: 0n, suspended: 0n })
    expect(await shop.has(personId)).toBe(0n)
  })

  test('F78 F119 in RECOVERY_MODE what the database has lost is credited whatever the sum, if the reference names this shop', async () => {
    const [before, fresh, stranger] = [nobody(), nobody(), nobody()]
    const sum = { asset: 'RUB', amount: 900_000n } as const
    const waiting = await shop.begin('cryptomus', { personId: before, pay: sum })
    await loses(waiting)
    await pay('cryptomus', waiting.providerRef, 'exact')
    await becomes(waiting.id, 'review')
    expect(await shop.has(before)).toBe(0n)
    const recovering = { ...billing(), config: { ...billing().config, recoveryMode: true } }
    await hears('cryptomus', waiting, recovering)
    expect(await shop.has(before)).toBe(900_000n)

    const lost = await shop.begin('cryptomus', { personId: fresh, pay: sum })
    await loses(lost)
    const provider = shop.provider('cryptomus')
    const reading = {
      invoice: lost.providerRef!,
      reference: paymentReference(lost),
      asked: sum,
      received: sum,
    }
    const rest = { sent: undefined, deposit: false, createdAt: undefined }
    const paid = { ...reading, ...rest, state: 'paid', status: 'paid' } as const
    await heed(
      recovering,
      provider,
      { ...paid, reference: `tk-${'0'.repeat(8)}-${lost.id}-${fresh}` },
      'webhook',
    )
    expect(await shop.has(fresh)).toBe(0n)
    await heed(recovering, provider, paid, 'webhook')
    await heed(recovering, provider, paid, 'webhook')
    expect(await shop.has(fresh)).toBe(900_000n)

    await ensurePerson(shop.db, stranger, 'main')
    const nameless = { ...paid, invoice: 'nameless', reference: `tk-${'1'.repeat(16)}-${stranger}` }
    await heed(recovering, provider, nameless, 'webhook')
    await heed(recovering, provider, nameless, 'webhook')
    expect(await shop.has(stranger)).toBe(0n)
    expect((await shop.payment('1'.repeat(16))).state).toBe('review')
  })

  test('F119 a payment of another shop with the same merchant account is not credited, whatever this database has lost', async () => {
    const personId = nobody()
    const payment = await shop.begin('mulenpay', { personId })
    await shop.db.rows({ text: `delete from payment_events where payment_id = $1`, values: [payment.id] })
    await shop.db.rows({ text: `delete from payments where id = $1`, values: [payment.id] })
    const orphans = () =>
      shop.db.rows(q`
      select 1 from alerts where topic = 'alert-payment-orphan' and params ->> 'number' = ${payment.providerRef}`)
    // The other shop has bots of its own, and people who are also ours.
    await shop.db.rows(q`update bots set created_at = created_at + interval '1 second'`)
    try {
      await pay('mulenpay', payment.providerRef, 'exact')
      await eventually(async () => (await orphans()).length === 1, { what: 'the admins are told' })
    } finally {
      await shop.db.rows(q`update bots set created_at = created_at - interval '1 second'`)
    }
    expect(await shop.has(personId)).toBe(0n)
  })

  test('F119 a lost payment that names no shop, as 0.1 began them, is for the admins', async () => {
    const personId = nobody()
    await ensurePerson(shop.db, personId, 'main')
    const made = await shop.provider('cryptopay').createInvoice({
      reference: paymentReference({ id: 'fedcba9876543210', personId, details: {} }),
      amount: { asset: 'RUB', amount: 50_000n },
      description: 'x',
      lifetimeSeconds: 600,
      language: 'ru',
    })
    await pay('cryptopay', made.invoice, 'exact')
    await eventually(
      async () =>
        (
          await shop.db.rows(q`
            select 1 from alerts where topic = 'alert-payment-lost' and params ->> 'person' = ${String(personId)}`)
        ).length === 1,
      { what: 'the admins are told' },
    )
    expect(await shop.has(personId)).toBe(0n)
  })
})
