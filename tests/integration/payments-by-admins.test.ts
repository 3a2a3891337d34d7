import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { setRole } from '#shared/roles.ts'
import { readBalance } from '#shared/money/read.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { book } from '#shop/payments/book.ts'
import { giveBack, giveSuspended } from '#shop/payments/give-back.ts'
import { createPayment, movePayment, readPayment } from '#shop/payments/payments.ts'
import { refundOf } from '#shop/payments/refunds.ts'
import { refuseRefund } from '#shop/payments/worker/heed-refund.ts'
import { OWNER, SECOND, openAdminShop } from '../lib/admin-shop.ts'
import type { AdminShop } from '../lib/admin-shop.ts'
import { eventually } from '../lib/eventually.ts'
import { give } from '../lib/give.ts'
import { redisAvailable } from '../lib/requirements.ts'

const ANNA = 100
const BORIS = 101
const BOT = 'main'

describe.skipIf(!redisAvailable())('what admins say of payments, by their keys in the chat', () => {
  let shop: AdminShop
  beforeAll(async () => {
    shop = await openAdminShop({ workers: ['bot'] })
    await shop.person(ANNA, 'Anna')
    await shop.person(BORIS, 'Boris')
    for (const id of [OWNER, SECOND, ANNA, BORIS]) await shop.say(id, '/start')
    for (const id of [OWNER, SECOND, ANNA, BORIS]) await shop.sees(id, 'Balance')
    await shop.db.tx((tx) =>
      setRole(tx, { bot: BOT, personId: BigInt(SECOND), role: 'admin', by: BigInt(OWNER) }),
    )
  })
  afterAll(() => shop?.close())

  let serial = 0
  /** A payment that waits for an admin: a charge of a card that nobody could follow up, or one that the database had lost. */
  async function inReview(personId: number, review: 'charge' | 'lost') {
    const id = `c0c0c0c0c0c0c0c${++serial}`
    const sum = { asset: 'RUB', amount: 29_900n, creditAsset: 'RUB', creditAmount: 29_900n } as const
    const renewal = { id: 'gone', period: 1, terms: { price: '30', rate: '1000' } }
    const details = { review, ...(review === 'charge' && { renewal, digits: '4242', keptWith: 'x' }) }
    const provider = 'yookassa'
    await createPayment(shop.db, { id, personId: BigInt(personId), bot: BOT, provider, ...sum, details })
    await movePayment(shop.db, id, 'review', { providerRef: `invoice-${id}` })
    return id
  }
  async function opened(admin: number, id: string) {
    await shop.say(admin, `/payments ${id}`)
    return await shop.sees(admin, id)
  }
  const state = async (id: string) => (await readPayment(shop.db, id))!.state
  const becomes = (id: string, wanted: string) =>
    eventually(async () => (await state(id)) === wanted, { what: `${id} is ${wanted}` })
  const roubles = async () => (await readBalance(shop.db, BigInt(ANNA), 'RUB')).available

  test('F3 “It was not charged” asks with card and sum, closes the charge once, and tells the card’s owner', async () => {
    const id = await inReview(ANNA, 'charge')
    const page = await opened(OWNER, id)
    const keys = page.inline_keyboard!.flat().map(({ text }) => text)
    expect(keys).toContain('It was not charged')
    expect(keys).not.toContain('Not our payment')
    await shop.press(OWNER, 'It was not charged')
    await shop.sees(OWNER, /nothing taken from the card •• 4242.*₽299.*100/s)
    expect(await state(id)).toBe('review')
    const asked = (await shop.last(OWNER))!
    const yes = asked.inline_keyboard!.flat().find(({ text }) => text === 'Yes, close it')!.callback_data!
    await Promise.all([1, 2].map(() => shop.pressData(OWNER, asked.message_id, yes)))
    await becomes(id, 'cancelled')
    await shop.sees(ANNA, /Nothing was taken from the card •• 4242.*₽299 stayed with you/s)
    expect(await shop.audits('payment.not-charged')).toMatchObject([{ target: `payment ${id}` }])
    // The page that another admin has had open since before gives nothing away.
    expect(await roubles()).toBe(0n)
    const after = await opened(OWNER, id)
    expect(after.inline_keyboard!.flat().map(({ text }) => text)).not.toContain('It was not charged')
  })

  test('F84 nobody says so of their own card', async () => {
    const id = await inReview(OWNER, 'charge')
    await opened(OWNER, id)
    await shop.press(OWNER, 'It was not charged')
    const { text } = await shop.press(OWNER, 'Yes, close it')
    expect(text).toContain('Another admin decides about your own money')
    expect(await state(id)).toBe('review')
  })

  test('F3 “I saw the money” credits such a charge, and its owner reads what came from which card', async () => {
    const id = await inReview(ANNA, 'charge')
    await opened(OWNER, id)
    await shop.press(OWNER, 'Credit the promise')
    await shop.press(OWNER, /I saw the money/)
    await becomes(id, 'paid')
    await shop.sees(ANNA, /₽299 charged to the card •• 4242/)
    expect(await roubles()).toBe(29_900n)
  })

  test('F124 “Not our payment” closes a lost payment, and tells nobody of a card', async () => {
    const id = await inReview(ANNA, 'lost')
    await opened(OWNER, id)
    await shop.press(OWNER, 'Not our payment')
    await shop.sees(OWNER, /Close the payment of ₽299 without a credit.*invoice-/s)
    await shop.press(OWNER, 'Yes, close it')
    await becomes(id, 'cancelled')
    expect(await shop.audits('payment.disown')).toMatchObject([{ target: `payment ${id}` }])
    expect(await shop.db.rows(q`select 1 from outbox where key like ${`%not-charged-${id}`}`)).toEqual([])
  })

  test('F84 the yes to one sum that waits is no yes to the next one of the same size, and its owner is told of each', async () => {
    const app = { ...shop, settings: createSettings(shop.db, shop.config), bots: new Map() }
    const id = 'c0c0c0c0c0c0c0ca'
    const sum = { asset: 'RUB', amount: 2_000_000n, creditAsset: 'RUB', creditAmount: 2_000_000n } as const
    await createPayment(shop.db, { id, personId: BigInt(ANNA), bot: BOT, provider: 'yookassa', ...sum })
    await movePayment(shop.db, id, 'paid', { providerRef: id })
    const before = await roubles()
    const comes = (occasion: string) =>
      shop.db.tx(async (tx) => {
        const payment = (await readPayment(tx, id, true))!
        await book(tx, payment, { book: sum.amount, asset: 'RUB', price: 0n }, occasion)
      })
    const yes = (by: number) => giveSuspended(app, { bot: BOT, by: BigInt(by), id })
    for (const [time, occasion] of ['first', 'second'].entries()) {
      await comes(occasion)
      expect([occasion, await yes(OWNER), await yes(OWNER)]).toEqual([
        occasion,
        'second-needed',
        'second-needed',
      ])
      expect(await yes(SECOND)).toBe('given')
      expect(await roubles()).toBe(before + sum.amount * BigInt(time + 1))
    }
    const told = q`select 1 from outbox where key like ${`%given-${id}-%`} and payload ->> 'text' = 'paid-notice'`
    expect(await shop.db.rows(told)).toHaveLength(2)
  })

  test('F83 the yes to a refund that was refused is none to the same refund after its person has spent the money', async () => {
    await shop.db.rows(q`insert into settings (bot, key, value) values ('', 'minted-per-day', '"50"')`)
    const app = { ...shop, settings: createSettings(shop.db, shop.config), bots: new Map() }
    const id = 'c0c0c0c0c0c0c0cb'
    const sum = { asset: 'RUB', amount: 100n, creditAsset: 'RUB', creditAmount: 100n } as const
    await createPayment(shop.db, { id, personId: BigInt(BORIS), bot: BOT, provider: 'stars', ...sum })
    await shop.db.tx(async (tx) => {
      const paid = await movePayment(tx, id, 'paid', { providerRef: id })
      await book(tx, paid!, { book: 100n, asset: 'RUB', price: 100n }, '100')
    })
    const ask = () => giveBack(app, { bot: BOT, by: BigInt(SECOND), id })
    expect(await ask()).toBe('accepted')
    const refund = (await refundOf(shop.db, id))!
    await shop.db.tx((tx) => refuseRefund(tx, app.bots, refund, 'not enough on the account'))
    await give(shop.db, BORIS, -100n)
    expect(await ask()).toBe('second-needed')
    expect(await refundOf(shop.db, id)).toBeUndefined()
    await shop.db.rows(q`delete from settings where key = 'minted-per-day'`)
  })
})
