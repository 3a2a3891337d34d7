import { sql as q } from 'kysely'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { readConfig } from '#shop/config.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { newId } from '#shared/ids.ts'
import { owe } from '#shared/queue/outbox.ts'
import { beginCharge } from '#shop/payments/charges.ts'
import { chargeCard, checkPayment } from '#shop/payments/jobs.ts'
import { forgetCard, keptCard } from '#shop/payments/kept-cards.ts'
import { paymentReference } from '#shop/payments/reference.ts'
import { renewDue } from '#shop/loyalty/subscriptions/renew.ts'
import { readSubscription, stopRenewal } from '#shop/loyalty/subscriptions/subscriptions.ts'
import { cardsOf } from '#shop/loyalty/worker/card-pays.ts'
import type { Running } from '../../sandbox/payments/start-vendor.ts'
import { eventually } from '../lib/eventually.ts'
import { BOT, openPaymentShop } from '../lib/payment-shop.ts'
import type { PaymentShop } from '../lib/payment-shop.ts'

let shop: PaymentShop
let vendor: Running
let renew: () => Promise<void>
beforeAll(async () => {
  shop = await openPaymentShop({ vendors: ['yookassa'] })
  vendor = shop.vendors['yookassa']!
  const config = readConfig(shop.env)
  const cards = cardsOf({ config, settings: createSettings(shop.db, config) })
  renew = () => renewDue(shop.db, cards)
})
afterAll(() => shop.close())
afterEach(() => {
  vendor.faults.replace([])
  vendor.settings['chargeFails'] = ''
})

let serial = 1_000
/** Somebody who paid a rouble with a card and let it be kept, and whose plan is over and not paid. */
async function subscriber(keepCard = true) {
  const personId = BigInt(++serial)
  const made = await shop.begin('yookassa', { personId, keepCard, pay: { asset: 'RUB', amount: 100n } })
  await vendor.vendor.pay(made.providerRef!, 'exact', {})
  await eventually(async () => (await shop.payment(made.id)).state === 'paid', { what: 'the rouble' })
  const id = newId()
  await shop.db.rows(q`
    insert into subscriptions (id, person_id, plan, bot, paid_with, renews, expires_at)
    values (${id}, ${personId}, 'plus', ${BOT.name}, 'balance', true, now())`)
  return { personId, id, keptWith: made.id, card: made.providerRef! }
}
const plan = async (id: string) => (await readSubscription(shop.db, id))!
const charges = (personId: bigint) =>
  shop.db.rows(q<{ id: string; state: string }>`
    select id, state from payments where person_id = ${personId} and details ? 'renewal' order by created_at`)
const told = async (personId: bigint) =>
  (
    await shop.db.rows(q<{ text: string }>`
      select payload ->> 'text' as text from outbox
      where payload ->> 'personId' = ${String(personId)} and payload ->> 'text' like '%card-%' order by id`)
  ).map(({ text }) => text)
/** The time of the next step has come. */
const later = async (id: string) => {
  await shop.db.rows(q`update card_renewals set next_at = now() where subscription_id = ${id}`)
  await renew()
}
const ended = (personId: bigint, count = 1) =>
  eventually(
    async () => {
      const all = await charges(personId)
      return all.length === count && !['created', 'pending'].includes(all.at(-1)!.state)
    },
    { what: `charge ${count} and its outcome` },
  )
const asked = (card: string) =>
  vendor.requests.filter(({ name, body }) => name === 'POST payments' && body.includes(`"${card}"`)).length

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
  await Promise.all([later(id), later(id)])
  expect(await plan(id)).toMatchObject({ state: 'active', period: 2, renews: true })
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

test('a refusal is tried again a day later, three times at most', async () => {
  const { personId, id, card } = await subscriber()
  vendor.settings['chargeFails'] = 'insufficient_funds'
  await renew()
  for (const attempt of [1, 2, 3]) {
    await later(id)
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

test('a charge that is not wanted any more is never asked for: the renewal was stopped, the card forgotten, the plan over', async () => {
  for (const stop of ['renewal', 'card', 'plan'] as const) {
    const { personId, id, keptWith, card } = await subscriber()
    if (stop === 'renewal') await stopRenewal(shop.db, id, personId)
    if (stop === 'card') await shop.db.tx((tx) => forgetCard(tx, personId))
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

test('F3 a worker that was killed before, in or after the call charges once; after a day nothing is asked for again', async () => {
  for (const moment of ['before', 'after', 'long ago'] as const) {
    const { personId, id, keptWith, card } = await subscriber()
    const wish = chargeFor(personId, id, keptWith)
    // The payment as the killed worker left it: the intent is written, and the provider may have been asked.
    const askedAt = new Date(Date.now() - (moment === 'long ago' ? 25 : 0) * 3_600_000).toISOString()
    await shop.db.tx(async (tx) => {
      await beginCharge(tx, wish)
      await tx.rows(q`delete from outbox where key = ${`charge-${wish.id}`}`)
      await tx.rows(q`update payments set details = details || ${`{"invoiceAskedAt": "${askedAt}"}`}::jsonb
        where id = ${wish.id}`)
    })
    const reference = paymentReference(await shop.payment(wish.id))
    const sum = { asset: 'RUB', amount: wish.kopecks } as const
    vendor.faults.add({ on: 'webhook', times: 0, do: { lose: true } })
    if (moment !== 'before')
      await shop.provider('yookassa').charge!({ reference, card, amount: sum, description: wish.description })
    await owe(shop.db, chargeCard, { paymentId: wish.id })
    await ended(personId)
    expect([moment, (await charges(personId))[0]!.state]).toEqual([moment, 'paid'])
    expect(vendor.vendor.invoices().filter((one) => one.reference === reference)).toHaveLength(1)
    expect(asked(card)).toBe(moment === 'after' ? 2 : 1)
    expect(await shop.has(personId)).toBe(30_000n)
    vendor.faults.replace([])
  }
})
