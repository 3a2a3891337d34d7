import { sql as q } from 'kysely'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { secretsFrom } from '#shared/secrets.ts'
import { setBan } from '#shop/admin/person.ts'
import { newId } from '#shared/ids.ts'
import { owe } from '#shared/queue/outbox.ts'
import { beginCharge } from '#shop/payments/charges.ts'
import { chargeCard, checkPayment } from '#shop/payments/jobs.ts'
import { followCard, forgetCard, keptCard, openKeptCard } from '#shop/payments/kept-cards.ts'
import type { PaymentProvider } from '#shop/payments/providers/port.ts'
import { onCharge } from '#shop/payments/worker/charge.ts'
import type { ProviderContext } from '#shop/payments/worker/context.ts'
import { paymentReference } from '#shop/payments/reference.ts'
import { stopRenewal } from '#shop/loyalty/subscriptions/subscriptions.ts'
import { give } from '../lib/give.ts'
import { eventually } from '../lib/eventually.ts'
import { openCardShop } from '../lib/kept-cards.ts'
import type { CardShop } from '../lib/kept-cards.ts'
import { BOT } from '../lib/payment-shop.ts'

let { shop, vendor, app, renew }: Pick<CardShop, 'shop' | 'vendor' | 'app' | 'renew'> = {} as CardShop
let { subscriber, plan, charges, told, later, ended, waiting, asked, heal }: CardShop = {} as CardShop
beforeAll(async () => {
  ;({ shop, vendor, app, renew, subscriber, plan, charges, told, later, ended, waiting, asked, heal } =
    await openCardShop())
})
afterAll(() => shop.close())
afterEach(() => {
  vi.restoreAllMocks()
  heal()
})

test('a kept card pays once what the balance lacks, a day after its owner was told, with two workers and doubled news', async () => {
  const { personId, id, card } = await subscriber()
  await shop.db.rows(q`update subscriptions set expires_at = now() + interval '12 hours' where id = ${id}`)
  await renew()
  expect([await charges(personId), await told(personId)]).toEqual([[], ['subscription-card-notice']])
  await shop.db.rows(q`update subscriptions set expires_at = now() where id = ${id}`)
  await renew()
  await renew()
  expect([await charges(personId), await plan(id)]).toMatchObject([[], { state: 'grace', period: 1 }])
  vendor.faults.add({ on: 'webhook', times: 0, do: { duplicate: 2 } })
  await shop.db.rows(q`update card_renewals set next_at = now() where subscription_id = ${id}`)
  await Promise.all([renew(), renew()])
  await ended(personId)
  expect(await plan(id)).toMatchObject({ state: 'active', period: 2, renews: true })
  await Promise.all([later(id), later(id)])
  // The rouble of before went first.
  expect([await shop.has(personId), await shop.has(personId, 'TOK'), asked(card)]).toEqual([0n, 0n, 1])
  await renew()
  expect(await charges(personId)).toMatchObject([{ state: 'paid' }])
  expect(await told(personId)).toEqual(['subscription-card-notice', 'card-charged-notice'])
})

test('who was not asked, or said no, is told to top up, and nothing is charged', async () => {
  const { personId, id } = await subscriber(false)
  await renew()
  expect([await keptCard(shop.db, personId), await told(personId)]).toEqual([undefined, []])
  expect((await plan(id)).state).toBe('grace')
  // In the days of grace they pay what is missing, and now let the card be kept: the plan goes on at once.
  const made = await shop.begin('yookassa', {
    personId,
    keepCard: true,
    pay: { asset: 'RUB', amount: 29_900n },
  })
  await vendor.vendor.pay(made.providerRef!, 'exact', {})
  await eventually(async () => (await keptCard(shop.db, personId)) !== undefined, { what: 'the card' })
  await renew()
  expect([(await plan(id)).period, await charges(personId)]).toEqual([2, []])
})

test('a refusal is tried again a day later, three times at most, also where the bank wanted its holder', async () => {
  const { personId, id, card } = await subscriber()
  vendor.settings['chargeFails'] = 'insufficient_funds'
  await renew()
  for (const attempt of [1, 2, 3]) {
    vendor.settings['chargeConfirms'] = attempt === 2
    await later(id)
    if (attempt === 2) {
      const { providerRef } = await waiting(personId, 2)
      await vendor.vendor.pay(providerRef!, 'late', {})
    }
    await ended(personId, attempt)
    await later(id)
    await renew()
  }
  await later(id)
  expect([(await charges(personId)).length, asked(card)]).toEqual([3, 3])
  const refused = 'subscription-card-refused-notice'
  const notices = ['subscription-card-notice', refused, refused, 'subscription-card-failed-notice']
  expect(await told(personId)).toEqual(notices)
  expect(await keptCard(shop.db, personId)).toBeDefined()
})

test('a card that takes no charge any more is forgotten, and its owner is told', async () => {
  const { personId, id, keptWith, card } = await subscriber()
  await renew()
  vendor.vendor.actions['revoke']!({ id: card })
  await later(id)
  await ended(personId)
  await later(id)
  expect(await keptCard(shop.db, personId)).toBeUndefined()
  expect(await shop.db.rows(q`select 1 from secrets where name = ${`kept-card-${personId}`}`)).toEqual([])
  expect((await told(personId)).at(-1)).toBe('subscription-card-over-notice')
  // The news of the payment that kept the card, told once more, does not bring the card back.
  await vendor.vendor.actions['tell']!({ id: card })
  await shop.producer.add(checkPayment, {
    paymentId: keptWith,
    round: 'again',
  })
  const heard = q`select 1 from payment_events where payment_id = ${keptWith} and kind = 'check'`
  await eventually(async () => (await shop.db.rows(heard)).length > 0, { what: 'the news once more' })
  expect(await keptCard(shop.db, personId)).toBeUndefined()
})

test('a charge that is not wanted any more is never asked for: the renewal was stopped, the card forgotten, the plan over, the person banned', async () => {
  for (const stop of ['renewal', 'card', 'plan', 'ban'] as const) {
    const { personId, id, keptWith, card } = await subscriber()
    if (stop === 'renewal') await stopRenewal(shop.db, id, personId)
    if (stop === 'card') await shop.db.tx((tx) => forgetCard(tx, personId))
    if (stop === 'ban') await setBan(shop.db, { personId, reason: 'fraud', by: 77n, bot: BOT.name })
    if (stop === 'plan') await shop.db.rows(q`update subscriptions set state = 'ended' where id = ${id}`)
    await shop.db.tx((tx) => beginCharge(tx, chargeFor(personId, id, keptWith)))
    await ended(personId)
    expect([stop, (await charges(personId))[0]!.state, asked(card)]).toEqual([stop, 'cancelled', 0])
  }
})

const chargeFor = (personId: bigint, id: string, keptWith: string) => ({
  id: newId(),
  personId,
  bot: BOT.name,
  provider: 'yookassa',
  kopecks: 29_900n,
  keptWith,
  digits: '4477',
  renewal: { id, period: 1 },
  description: 'Plus',
  language: 'ru' as const,
})

/** A charge as a killed worker left it: its job is gone, and the intent may be written. */
async function interrupted(askedAt?: string) {
  const { personId, id, keptWith, card } = await subscriber()
  const wish = chargeFor(personId, id, keptWith)
  const asked = JSON.stringify(askedAt ? { invoiceAskedAt: askedAt } : {})
  await shop.db.tx(async (tx) => {
    await beginCharge(tx, wish)
    await tx.rows(q`delete from outbox where key = ${`charge-${wish.id}`}`)
    await tx.rows(q`update payments set details = details || ${asked}::jsonb where id = ${wish.id}`)
  })
  const reference = paymentReference(await shop.payment(wish.id))
  const { description } = wish
  const request = { reference, card, amount: { asset: 'RUB', amount: wish.kopecks } as const, description }
  return { personId, card, wish, reference, charge: () => shop.provider('yookassa').charge!(request) }
}

test('F3 a worker that was killed before, in or after the call charges once; after a day nothing is asked for again', async () => {
  for (const moment of ['before', 'after', 'long ago'] as const) {
    const askedAt = new Date(Date.now() - (moment === 'long ago' ? 25 : 0) * 3_600_000).toISOString()
    const { personId, card, wish, reference, charge } = await interrupted(askedAt)
    vendor.faults.add({ on: 'webhook', times: 0, do: { lose: true } })
    // The key is forgotten, and the worker whose clock is late must not believe that it is not.
    if (moment === 'long ago')
      vi.spyOn(Date, 'now').mockImplementation(() => new Date().getTime() - 3 * 3_600_000)
    if (moment !== 'before') await charge()
    await owe(shop.db, chargeCard, { paymentId: wish.id })
    await ended(personId)
    expect([moment, (await charges(personId))[0]!.state]).toEqual([moment, 'paid'])
    expect(vendor.vendor.invoices().filter((one) => one.reference === reference)).toHaveLength(1)
    expect(asked(card)).toBe(moment === 'after' ? 2 : 1)
    expect(await shop.has(personId)).toBe(30_000n)
    vendor.faults.replace([])
  }
})

/** The charge is asked for, and the vendor takes its time. */
async function chargedAndWaiting(one: { personId: bigint; id: string }) {
  vendor.settings['chargeWaits'] = true
  await renew()
  await later(one.id)
  return await waiting(one.personId)
}
const grace = (personId: bigint) =>
  shop.db.rows(q`
    select 1 from outbox where payload ->> 'personId' = ${String(personId)}
      and payload ->> 'text' = 'subscription-grace-notice'`)

test('what a card paid buys the period at once and on the terms of the charge, whatever else waits for money or costs more now', async () => {
  const one = await subscriber()
  await chargedAndWaiting(one)
  await shop.db.rows(q`update plans set price_tokens = 40 where code = 'plus'`)
  await vendor.vendor.actions['charges']!({})
  await ended(one.personId)
  await shop.db.rows(q`update plans set price_tokens = 30 where code = 'plus'`)
  expect(await plan(one.id)).toMatchObject({ state: 'active', period: 2 })
  expect(await shop.has(one.personId)).toBe(0n)
  // A part that goes back in the cabinet, and then the rest: nobody charges the card for that.
  const [charge] = await charges(one.personId)
  const { providerRef: paid } = await shop.payment(charge!.id)
  await vendor.vendor.actions['refund']!({ id: paid, amount: '100.00' })
  await vendor.vendor.actions['refund']!({ id: paid, amount: '199.00' })
  const alert = q`select 1 from alerts where key like ${`review-${charge!.id}-refund-%`}`
  await eventually(async () => (await shop.db.rows(alert)).length === 1, { what: 'the alert' })
  await later(one.id)
  expect([await charges(one.personId), (await plan(one.id)).period]).toMatchObject([[{ state: 'paid' }], 2])
})

test('who spent the money before the charge came keeps what it brought, learns that it is too little, and is charged no second time', async () => {
  const one = await subscriber()
  await chargedAndWaiting(one)
  await give(shop.db, one.personId, -100n)
  await vendor.vendor.actions['charges']!({})
  await ended(one.personId)
  await later(one.id)
  await later(one.id)
  expect([await plan(one.id), await charges(one.personId), await shop.has(one.personId)]).toMatchObject([
    { state: 'grace', period: 1 },
    [{ state: 'paid' }],
    29_900n,
  ])
  expect(await grace(one.personId)).toHaveLength(1)
})

test('two plans that count on one balance are charged one after the other, each for no more than was told', async () => {
  const { personId, id } = await subscriber()
  const pro = newId()
  await shop.db.rows(q`
    insert into subscriptions (id, person_id, plan, bot, paid_with, renews, expires_at)
    values (${pro}, ${personId}, 'pro', ${BOT.name}, 'balance', true, now())`)
  vendor.settings['chargeWaits'] = true
  await renew()
  await shop.db.rows(q`update card_renewals set next_at = now() where subscription_id in (${id}, ${pro})`)
  await Promise.all([renew(), renew()])
  await waiting(personId)
  expect(await charges(personId)).toHaveLength(1)
  vendor.settings['chargeWaits'] = false
  await vendor.vendor.actions['charges']!({})
  await ended(personId)
  for (const one of [id, pro, id, pro]) await later(one)
  await ended(personId, 2)
  expect([(await plan(id)).period, (await plan(pro)).period, await shop.has(personId)]).toEqual([2, 2, 0n])
})

test('another card is told anew before it is charged, and a card that its owner forgot is not called worn out', async () => {
  const { personId, id, card } = await subscriber()
  await renew()
  const other = await shop.begin('yookassa', {
    personId,
    keepCard: true,
    pay: { asset: 'RUB', amount: 100n },
  })
  await vendor.vendor.pay(other.providerRef!, 'exact', {})
  await eventually(async () => (await keptCard(shop.db, personId))?.paymentId === other.id, { what: 'it' })
  await renew()
  const notice = 'subscription-card-notice'
  expect([await charges(personId), await told(personId)]).toEqual([[], [notice, notice]])
  vendor.settings['chargeWaits'] = true
  await later(id)
  await waiting(personId)
  await shop.db.tx((tx) => forgetCard(tx, personId))
  await vendor.vendor.actions['charges']!({ fails: 'insufficient_funds' })
  await ended(personId)
  await later(id)
  expect([await told(personId), await grace(personId)]).toMatchObject([[notice, notice], [{}]])
  expect([asked(card), asked(other.providerRef!)]).toEqual([0, 1])
})

test('who cannot be told is not charged: they blocked the bot, or it is gone', async () => {
  for (const gone of ['blocked', 'removed'] as const) {
    const { personId, id } = await subscriber()
    await renew()
    const set = (to: 'gone' | 'back') =>
      gone === 'blocked'
        ? shop.db.rows(q`update bot_sessions set blocked_at = now() where person_id = ${personId}`)
        : shop.db.rows(q`update bots set state = ${to === 'gone' ? 'removed' : 'active'}`)
    await set('gone')
    await later(id)
    if (gone === 'removed') await set('back')
    expect([gone, await charges(personId)]).toEqual([gone, []])
  }
})

test('nobody keeps a card without the payer, and nobody forgets the card of another', async () => {
  const [one, other] = [await subscriber(false), await subscriber()]
  const payment = await shop.payment(one.keptWith)
  const reading = { keptCard: { card: 'chosen by the vendor', digits: '1111' } } as never
  const secrets = secretsFrom(app.config)
  await shop.db.tx((tx) => followCard(tx, secrets, { payment, reading }, 'paid'))
  expect(await keptCard(shop.db, one.personId)).toBeUndefined()
  // A charge is no consent: the vendor names another card with it, and the kept one stays.
  const details = { renewal: { id: other.id, period: 1 }, keptWith: other.keptWith }
  const charge = { ...payment, personId: other.personId, details }
  await shop.db.tx((tx) => followCard(tx, secrets, { payment: charge, reading }, 'paid'))
  expect(await keptCard(shop.db, other.personId)).toMatchObject({ digits: '4477', paymentId: other.keptWith })
  await shop.db.tx((tx) => forgetCard(tx, one.personId))
  expect(await keptCard(shop.db, other.personId)).toBeDefined()
})

test('who forgets the card at the moment of a charge does so before its intent or after it', async () => {
  const { personId, keptWith, card } = await subscriber()
  const order: string[] = []
  let forgotten: Promise<unknown> | undefined
  await shop.db.tx(async (tx) => {
    expect(await openKeptCard(tx, secretsFrom(app.config), personId, keptWith)).toBe(card)
    forgotten = shop.db.tx((other) => forgetCard(other, personId)).then(() => order.push('forgotten'))
    const waits = q`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
    await eventually(async () => order.length > 0 || (await shop.db.rows(waits)).length > 0)
    order.push('intent')
  })
  await forgotten
  expect(order).toEqual(['intent', 'forgotten'])
})

test('a charge of unknown outcome stays open while its provider is switched off, is found after a restore, and is not begun where cards are kept no more', async () => {
  const run = async (over: Partial<PaymentProvider> | undefined, was: 'asked' | 'new' | 'charged') => {
    const left = await interrupted(was === 'asked' ? '2020-01-01' : undefined)
    const yookassa = shop.provider('yookassa')
    const charge = vi.fn<NonNullable<PaymentProvider['charge']>>((request) => yookassa.charge!(request))
    if (was === 'charged') {
      vendor.faults.add({ on: 'webhook', times: 0, do: { lose: true } })
      await left.charge()
    }
    const context = {
      ...app,
      db: shop.db,
      secrets: secretsFrom(app.config),
      bots: new Map(),
      log: { warn: () => {} },
      config: { ...app.config, recoveryMode: was === 'charged' },
      payments: new Map(over && [['yookassa', { ...yookassa, charge, ...over }]]),
    } as unknown as ProviderContext
    await onCharge(context, { paymentId: left.wish.id }, { lastTry: false })
    return [(await shop.payment(left.wish.id)).state, charge.mock.calls.length]
  }
  expect(await run(undefined, 'asked')).toEqual(['created', 0])
  expect(await run(undefined, 'new')).toEqual(['failed', 0])
  const { supports } = shop.provider('yookassa')
  expect(await run({ supports: { ...supports, keepsCards: false } }, 'new')).toEqual(['cancelled', 0])
  expect(await run({}, 'charged')).toEqual(['paid', 0])
})
