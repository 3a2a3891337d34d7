import { sql as q } from 'kysely'
import { expect, test } from 'vitest'
import { newId } from '#shared/ids.ts'
import { createLog } from '#shared/log.ts'
import { readBalance } from '#shared/money/read.ts'
import { secretsFrom } from '#shared/secrets.ts'
import { renewDue } from '#shop/loyalty/subscriptions/renew.ts'
import { readSubscription } from '#shop/loyalty/subscriptions/subscriptions.ts'
import { cardsOf } from '#shop/loyalty/worker/card-pays.ts'
import { beginCharge } from '#shop/payments/charges.ts'
import { creditReviewed, disownLost } from '#shop/payments/give-back.ts'
import { createPayment, movePayment, readPayment } from '#shop/payments/payments.ts'
import type { PaymentProvider, Reading } from '#shop/payments/providers/port.ts'
import { paymentReference } from '#shop/payments/reference.ts'
import { onCharge } from '#shop/payments/worker/charge.ts'
import type { ProviderContext } from '#shop/payments/worker/context.ts'
import { handUnknownCharges } from '#shop/payments/worker/late-charge.ts'
import { onCheck } from '#shop/payments/worker/poll.ts'
import { atEnd } from '../lib/at-end.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'

const ADMIN = 77n
const KOPECKS = 10_000n
const HOUR_MS = 3_600_000

let opened: ReturnType<typeof openWalletShop> | undefined
const open = () =>
  (opened ??= openWalletShop().then((shop) => {
    atEnd(() => shop.close())
    return shop
  }))
let people = 1_000

/** A plan that is over, and a charge of its owner's card that was asked for so long ago and never answered. */
async function charged({ hoursAgo }: { hoursAgo: number }) {
  const shop = await open()
  const { db } = shop
  const personId = await shop.person(++people)
  const [id, keptWith, subscription] = [newId(), newId(), newId()]
  const sum = { asset: 'RUB', creditAsset: 'RUB', amount: KOPECKS, creditAmount: KOPECKS } as const
  await createPayment(db, { id: keptWith, personId, bot: 'shop', provider: 'yookassa', ...sum })
  await movePayment(db, keptWith, 'pending', { providerRef: `kept-${keptWith}` })
  await db.rows(q`
    insert into subscriptions (id, person_id, plan, bot, paid_with, renews, state, expires_at)
    values (${subscription}, ${personId}, 'plus', 'shop', 'balance', true, 'grace', now() - interval '1 hour')`)
  const renewal = { id: subscription, period: 1, terms: { price: '100', rate: '100' } }
  const words = { digits: '4242', description: 'Plus', language: 'en' } as const
  await db.tx((tx) =>
    beginCharge(tx, {
      id,
      personId,
      bot: 'shop',
      provider: 'yookassa',
      kopecks: KOPECKS,
      keptWith,
      renewal,
      ...words,
    }),
  )
  await db.rows(q`
    insert into card_renewals (subscription_id, period, most, attempts, payment_id, next_at)
    values (${subscription}, 1, ${KOPECKS}, 1, ${id}, now())`)
  await db.rows(q`
    update payments set details = details || jsonb_build_object('invoiceAskedAt', now() - ${hoursAgo} * interval '1 hour')
    where id = ${id}`)
  const row = async () => (await readPayment(db, id))!
  const reference = paymentReference(await row())
  const reading = (state: Reading['state'], invoice = `charge-${id}`): Reading => ({
    invoice,
    reference,
    state,
    status: state,
    asked: { asset: 'RUB', amount: KOPECKS },
    received: state === 'paid' ? { asset: 'RUB', amount: KOPECKS } : undefined,
    sent: undefined,
    deposit: false,
    createdAt: new Date(Date.now() - hoursAgo * HOUR_MS),
  })
  /** What the vendor has. Its search by reference does not reach back so far. */
  const vendor = { payments: [reading('paid', `kept-${keptWith}`)], lists: 0 }
  const provider = {
    name: 'yookassa',
    supports: { createRepeatableMs: 23 * HOUR_MS, keepsCards: true, limits: {} },
    charge: () => Promise.reject(new Error('charged again')),
    lookup: async ({ invoice }: { invoice?: string }) =>
      vendor.payments.find((one) => one.invoice === invoice),
    async *listPayments({ from, to }: { from: Date; to: Date }) {
      vendor.lists += 1
      const inside = ({ createdAt }: Reading) => createdAt! >= from && createdAt! < to
      yield* vendor.payments.filter((one) => inside(one) && one.invoice.startsWith('charge-'))
    },
  } as unknown as PaymentProvider
  const bots = new Map([['shop', { name: 'shop', admins: [ADMIN] }]])
  const context = {
    ...shop,
    bots,
    log: createLog({ level: 'silent', name: 'test' }),
    secrets: secretsFrom(shop.config),
    payments: new Map([['yookassa', provider]]),
  } as unknown as ProviderContext
  const told = (text: string) =>
    db.rows(q<{ key: string }>`
      select key from outbox where payload ->> 'text' = ${text} and key like ${`%${id}%`}`)
  return {
    shop,
    id,
    personId,
    vendor,
    reading,
    row,
    told,
    alerts: () =>
      db.rows(q`select 1 from alerts where topic = 'alert-payment-charge' and key like ${`%${id}`}`),
    plan: async () => (await readSubscription(db, subscription))!,
    roubles: async () => (await readBalance(db, personId, 'RUB')).available,
    charge: () => onCharge(context, { paymentId: id }, { lastTry: false }),
    check: () => onCheck(context, { paymentId: id, round: String(vendor.lists) }),
    renew: async () => {
      await db.rows(q`update card_renewals set next_at = now() where subscription_id = ${subscription}`)
      await renewDue(db, cardsOf(shop))
    },
    renewal: async () =>
      (
        await db.rows(
          q<{ payment: string | null; attempts: number }>`
            select payment_id as payment, attempts from card_renewals where subscription_id = ${subscription}`,
        )
      )[0]!,
    upkeep: () => handUnknownCharges({ db, bots } as unknown as Parameters<typeof handUnknownCharges>[0]),
  }
}

test('F3 a charge whose key is forgotten is read back from the vendor’s list of that day: it is credited and buys its period', async () => {
  const { vendor, reading, row, plan, roubles, charge } = await charged({ hoursAgo: 24.5 })
  vendor.payments.push(reading('paid'))
  for (const _twice of [1, 2]) await charge()
  expect(await row()).toMatchObject({ state: 'paid', booked: KOPECKS })
  expect([(await plan()).period, await roubles()]).toEqual([2, 0n])
})

test('F3 a charge that the vendor’s list of that day lacks did not happen, and the card is tried again a day later', async () => {
  const { row, charge, renew, renewal, alerts, plan } = await charged({ hoursAgo: 24.5 })
  await charge()
  expect(await row()).toMatchObject({ state: 'cancelled', booked: 0n })
  await renew()
  expect(await renewal()).toEqual({ payment: null, attempts: 1 })
  expect([(await plan()).period, await alerts()]).toEqual([1, []])
})

test('F3 nothing is concluded from the list while the vendor may still remember the key, or a call may be under way', async () => {
  const { vendor, row, charge, check } = await charged({ hoursAgo: 23.5 })
  await charge()
  await check()
  expect([(await row()).state, vendor.lists]).toEqual(['created', 0])
})

test('F3 a charge of which nobody can say for two days how it ended is an admin’s, and admins and its owner are told once', async () => {
  const { shop, id, personId, vendor, row, plan, told, alerts, charge, check, renew, renewal, upkeep } =
    await charged({
      hoursAgo: 47,
    })
  // The keys are of another account by now, whose list says nothing.
  vendor.payments.length = 0
  await charge()
  await upkeep()
  expect((await row()).state).toBe('created')
  await shop.db.rows(q`
    update payments set details = details || jsonb_build_object('invoiceAskedAt', now() - interval '49 hours') where id = ${id}`)
  for (const _twice of [1, 2]) await upkeep()
  expect(await row()).toMatchObject({ state: 'review', details: { review: 'charge' } })
  expect(await alerts()).toHaveLength(1)
  expect(await told('card-charge-unknown-notice')).toHaveLength(1)
  await check()
  await renew()
  expect([(await row()).state, (await renewal()).payment], 'the period is not charged again').toEqual([
    'review',
    id,
  ])
  const closes = (by: bigint) => disownLost(shop, { bot: 'shop', by, id })
  await expect(closes(personId)).rejects.toMatchObject({ code: 'admin.own-money' })
  expect([await closes(ADMIN), await closes(ADMIN)]).toEqual([true, false])
  expect((await row()).state).toBe('cancelled')
  await renew()
  expect([await renewal(), (await plan()).period]).toEqual([{ payment: null, attempts: 1 }, 1])
})

test('F3 an admin who saw the money of such a charge credits it, which buys its period, and the vendor’s late word credits nothing more', async () => {
  const { shop, id, vendor, reading, row, plan, roubles, check, upkeep } = await charged({ hoursAgo: 49 })
  await upkeep()
  expect(await creditReviewed(shop, { bot: 'shop', by: ADMIN, id })).toBe('credited')
  vendor.payments.push(reading('paid'))
  await check()
  expect(await row()).toMatchObject({ state: 'paid', booked: KOPECKS })
  expect([(await plan()).period, await roubles()]).toEqual([2, 0n])
})

test.each(['the list', 'the vendor', 'the vendor, who first took it for open', 'an admin'] as const)(
  'F3 who was told of the doubt hears once that nothing was charged, also when the plan is over meanwhile: by %s',
  async (by) => {
    const { shop, id, vendor, reading, row, plan, told, check, renew, upkeep } = await charged({
      hoursAgo: 49,
    })
    await upkeep()
    const { id: subscription } = await plan()
    await shop.db.rows(q`update subscriptions set state = 'ended' where id = ${subscription}`)
    if (by === 'an admin') await disownLost(shop, { bot: 'shop', by: ADMIN, id })
    if (by === 'the vendor, who first took it for open') {
      vendor.payments.push(reading('pending'))
      await check()
      expect((await row()).state).toBe('pending')
      vendor.payments.pop()
    }
    if (by.startsWith('the vendor')) vendor.payments.push(reading('cancelled'))
    for (const _twice of [1, 2]) await check()
    expect((await row()).state).toBe('cancelled')
    await renew()
    expect(await told('card-not-charged-notice')).toHaveLength(1)
  },
)

test('F3 a charge that was never in doubt ends without such words, because the renewal says what comes next', async () => {
  const { row, charge, told } = await charged({ hoursAgo: 24.5 })
  await charge()
  expect([(await row()).state, await told('card-not-charged-notice')]).toEqual(['cancelled', []])
})

test('F3 who was told of the doubt hears of the credit by an admin, also when it buys no period any more', async () => {
  const { shop, id, plan, roubles, told, upkeep } = await charged({ hoursAgo: 49 })
  await upkeep()
  const { id: subscription } = await plan()
  await shop.db.rows(q`update subscriptions set state = 'ended' where id = ${subscription}`)
  expect(await creditReviewed(shop, { bot: 'shop', by: ADMIN, id })).toBe('credited')
  expect([await roubles(), (await plan()).period]).toEqual([KOPECKS, 1])
  expect(await told('card-charged-notice')).toHaveLength(1)
})

test.each([
  ['paid', 'paid', 2],
  ['cancelled', 'cancelled', 1],
  ['pending', 'pending', 1],
] as const)(
  'F16 the vendor’s late word %s ends the doubt about a charge without an admin',
  async (said, state, period) => {
    const { vendor, reading, row, plan, check, upkeep } = await charged({ hoursAgo: 49 })
    await upkeep()
    vendor.payments.push(reading(said))
    await check()
    expect((await row()).state).toBe(state)
    expect((await plan()).period).toBe(period)
  },
)
