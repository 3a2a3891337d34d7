import { sql as q } from 'kysely'
import { beforeAll, describe, expect } from 'vitest'
import { operations } from '#shared/money/read.ts'
import { paymentByRef, readPayment } from '#shop/payments/payments.ts'
import { EFFECTS } from '#shared/settings/effects.ts'
import { starsPaid } from '#shared/queue/jobs/stars.ts'
import { storyOf } from '#shop/admin/story/story.ts'
import { reconcileStars } from '#shop/payments/jobs.ts'
import { serveBot } from '#shared/telegram/bots.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { readOn } from '#shop/payments/reconcile-stars.ts'
import { eventually } from '../lib/eventually.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { settled } from '../lib/settled.ts'
import { ADMIN, TOKENS, openShop } from '../lib/shop.ts'
import type { Customer, Shop } from '../lib/shop.ts'
import { service, starsOf } from '../lib/star-updates.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop({ workers: ['bot', 'billing', 'upkeep'] })
  // The admin has started the bot, so alerts reach somebody.
  const admin = await shop.person({ id: ADMIN, first_name: 'Admin', language_code: 'en' })
  await admin.say('/admin')
  for (const key of ['Settings', /Payments/, /Effect/, /^Change/]) await admin.press(key)
  await admin.say('🎉')
  await admin.press('Save')
  await admin.hears(/Now[^:]*: 🎉/)
})

const paymentsOf = (person: Customer) =>
  shop.db.rows(q<{ id: string; state: string; providerRef: string | null }>`
    select id, state, provider_ref as "providerRef" from payments where person_id = ${person.id} order by created_at`)
const stateOf = async (chargeId: string) => (await paymentByRef(shop.db, 'stars', chargeId))?.state
const updatesAbout = (payment: string) =>
  shop.db.rows(
    q<{ id: number }>`select update_id::int as id from payment_updates where payment_id = ${payment}`,
  )
/** What `npm run story -- main-<update>` says of this payment. */
const tellsOf = (update: number, payment: string) =>
  eventually(
    async () => {
      const story = await storyOf(shop.db, `main-${update}`)
      if (!story?.lines.some(({ text }) => text.startsWith(`${payment} made`))) return false
      expect(story.title).toBe(`update ${update} of main`)
      expect(story.lines.some(({ kind }) => kind === 'update')).toBe(true)
      return true
    },
    { what: `the story of update ${update}` },
  )
let charges = 0
const chargeId = () => `stxInjected${++charges}_${Date.now()}`
const slugOf = (link: string) => link.split('/').at(-1)!

describe('buying tokens for Stars', () => {
  test('a pack is paid, credited, announced, and its card says so', async () => {
    const anna = await shop.person()
    await anna.start()
    const link = await anna.order(10)
    const [order] = await paymentsOf(anna)
    const paid = await anna.pay(slugOf(link))
    expect(paid.outcome).toBe('paid')
    expect(await anna.hears('10 tokens credited')).toMatchObject({ effect: EFFECTS['🎉'] })
    await anna.hears(`Paid: 10 tokens. Number ${order!.id}`)
    expect(await anna.tokens()).toBe(10n)
    expect(await readPayment(shop.db, order!.id)).toMatchObject({
      state: 'paid',
      amount: 50n,
      providerRef: paid.charge_id,
      receivedAsset: 'XTR',
      receivedAmount: '50',
    })
    expect(await operations(shop.db, BigInt(anna.id), { limit: 5 })).toMatchObject([
      { kind: 'payment', amount: 10n, balanceAfter: 10n },
    ])
    // An effect that Telegram knows no more takes the words with it no longer than one call.
    await shop.control('PUT', '/settings', { messageEffects: false })
    await anna.buy(10)
    const news = await eventually(async () => {
      const all = (await anna.messages()).filter(({ text }) => text?.includes('10 tokens credited'))
      return all.length === 2 ? all : undefined
    })
    expect(news[1]).not.toHaveProperty('effect')
    await shop.control('PUT', '/settings', { messageEffects: true })
  })

  test('the update that asked, the one that paid and the one that gave back each tell the story of the payment', async () => {
    const anna = await shop.person()
    const { charge_id } = await anna.buy(5)
    const [payment] = await paymentsOf(anna)
    await shop.inject(service(anna, { refunded_payment: starsOf(charge_id, 25, payment!.id) }))
    await eventually(async () => (await stateOf(charge_id)) === 'refunded', { what: 'the refund' })
    await eventually(async () => (await updatesAbout(payment!.id)).length === 3, { what: 'three updates' })
    for (const { id } of await updatesAbout(payment!.id)) await tellsOf(id, payment!.id)
  })

  test('ten deliveries of one successful_payment at once credit once (F14)', async () => {
    const anna = await shop.person()
    await shop.fault({ on: 'update', kind: 'successful_payment', person: anna.id, do: { duplicate: 9 } })
    const { charge_id } = await anna.buy(5)
    // The same payment comes under other update ids, as after a change of the webhook.
    const update = service(anna, {
      successful_payment: starsOf(charge_id, 25, (await paymentsOf(anna))[0]!.id),
    })
    await Promise.all(Array.from({ length: 10 }, () => shop.inject(update)))
    await anna.hears('5 tokens credited')
    await shop.shared.producer.add(reconcileStars, { at: 'after-f14' })
    await settled(shop)
    expect(await anna.tokens()).toBe(5n)
    expect(await paymentsOf(anna)).toHaveLength(1)
    const told = (await anna.messages()).filter((one) => one.text?.includes('credited'))
    expect(told).toHaveLength(1)
  })

  test('a paid invoice is refused at pre-checkout; paid in spite of that it is a payment of its own (F24)', async () => {
    const anna = await shop.person()
    const { link } = await anna.buy(5)
    expect(await anna.pay(slugOf(link))).toMatchObject({
      outcome: 'refused',
      error_message: expect.stringContaining('paid already') as string,
    })
    const [first] = await paymentsOf(anna)
    await shop.inject(service(anna, { successful_payment: starsOf(chargeId(), 25, first!.id) }))
    await eventually(async () => (await anna.tokens()) === 10n, { what: 'the second payment' })
    const both = await paymentsOf(anna)
    expect(both.map((payment) => payment.state)).toEqual(['paid', 'paid'])
    // The card names both payments, and each of the two names the other one.
    const card = await anna.hears(/once more/)
    for (const { id } of both) expect(card.text).toContain(id)
    expect((await readPayment(shop.db, both[0]!.id))?.details['paidAgain']).toEqual([both[1]!.id])
    expect((await readPayment(shop.db, both[1]!.id))?.details['againOf']).toBe(both[0]!.id)
  })

  test('two payments of one invoice that are both let through are both credited (F24)', async () => {
    const anna = await shop.person()
    const link = slugOf(await anna.order(3))
    const [order] = await paymentsOf(anna)
    // Until the second payment is agreed to, the shop hears of the first neither by an update nor from Telegram's
    // list.
    const lost = { on: 'update', kind: 'successful_payment', person: anna.id, times: 2, do: { lose: true } }
    await shop.fault(lost)
    const paid = await withoutUpkeep(async () => [await anna.pay(link), await anna.pay(link)])
    expect(paid.map((one) => one.outcome)).toEqual(['paid', 'paid'])
    for (const { charge_id } of paid)
      await shop.inject(service(anna, { successful_payment: starsOf(charge_id, 15, order!.id) }))
    await eventually(async () => (await anna.tokens()) === 6n, { what: 'both payments' })
    expect(await paymentsOf(anna)).toHaveLength(2)
  })

  test('a payment whose update is lost is found in Telegram’s own list and credited', async () => {
    const anna = await shop.person()
    await shop.fault({ on: 'update', kind: 'successful_payment', person: anna.id, do: { lose: true } })
    const link = await anna.order(3)
    const { charge_id } = await withoutUpkeep(async () => {
      const paid = await anna.pay(slugOf(link))
      await settled(shop, ['updates', 'checkout', 'billing', 'notices'])
      expect(await anna.tokens()).toBe(0n)
      return paid
    })
    await shop.shared.producer.add(reconcileStars, { at: 'lost-one' })
    await anna.hears('3 tokens credited')
    expect(await stateOf(charge_id)).toBe('paid')
    // The lost update turns up after all.
    const [payment] = await paymentsOf(anna)
    const { update_id } = await shop.inject(
      service(anna, { successful_payment: starsOf(charge_id, 15, payment!.id) }),
    )
    await tellsOf(update_id, payment!.id)
    await settled(shop)
    expect(await anna.tokens()).toBe(3n)
  })

  test('a payment with an affiliate’s share that only the list tells of is credited as its invoice says, be the line the whole or what is left', async () => {
    const line = (person: number, invoice: string, paid: object, share: object) => ({
      id: `share-${invoice}`,
      date: 1,
      ...paid,
      source: {
        type: 'user',
        transaction_type: 'invoice_payment',
        user: { id: person },
        invoice_payload: invoice,
        affiliate: { commission_per_mille: 100, ...share },
      },
    })
    const share = { amount: 1, nanostar_amount: 500_000_000 }
    const buyers = await Promise.all([1, 2].map(() => shop.person()))
    const lines: object[] = []
    for (const [at, buyer] of buyers.entries()) {
      await buyer.order(3)
      const [payment] = await paymentsOf(buyer)
      const paid = at === 0 ? { amount: 13, nanostar_amount: 500_000_000 } : { amount: 15 }
      lines.push(line(buyer.id, payment!.id, paid, share))
    }
    const getStarTransactions = async ({ offset = 0 }) => ({ transactions: lines.slice(offset) })
    await readOn(shop.db, { name: 'main', api: { getStarTransactions } } as unknown as ServedBot)
    for (const buyer of buyers) {
      await buyer.hears('3 tokens credited')
      expect(await paymentsOf(buyer), 'no second payment beside the invoice').toHaveLength(1)
    }
  })

  test('another bot under the same name has a list of its own, which is read from its beginning', async () => {
    const anna = await shop.person()
    await anna.buy(1)
    await shop.shared.producer.add(reconcileStars, { at: 'before-another' })
    const read = () =>
      shop.db.rows(q<{ n: number }>`select value::int as n from cursors where name = 'stars main'`)
    await eventually(async () => ((await read())[0]?.n ?? 0) > 0, { what: 'the list is read' })

    const boris = await shop.person({ bot: 'second_bot' })
    await shop.fault({ on: 'update', kind: 'successful_payment', person: boris.id, do: { lose: true } })
    const { charge_id } = await boris.pay(slugOf(await boris.order(3)))
    const { config, backend, metrics } = shop.shared
    const renamed = { name: 'main', token: TOKENS.second, admins: [] }
    await readOn(shop.db, serveBot(renamed, { ...config.telegram, backend, metrics }))
    const booking = { bot: 'main', personId: String(boris.id), chargeId: charge_id, stars: 15, payload: '' }
    expect(await shop.db.rows(q`select 1 from outbox where key = ${starsPaid.id(booking)}`)).toHaveLength(1)
    await eventually(async () => (await stateOf(charge_id)) === 'paid', { what: 'the lost payment' })
    expect(await boris.tokens()).toBe(3n)
    // The list of the bot that had the name before is read anew as well, and nothing is credited twice.
    await shop.shared.producer.add(reconcileStars, { at: 'after-another' })
    await settled(shop)
    expect([await anna.tokens(), await boris.tokens()]).toEqual([1n, 3n])
  })

  test('a line of Telegram’s list with less than a whole Star holds up none of those behind it', async () => {
    const anna = await shop.person()
    const source = { type: 'user', transaction_type: 'invoice_payment', user: { id: anna.id } }
    const lines = [
      { id: 'stxPart', amount: 0, nanostar_amount: 5, date: 1, source },
      { id: 'stxWhole', amount: 5, date: 2, source },
    ]
    const getStarTransactions = async ({ offset = 0 }) => ({ transactions: lines.slice(offset) })
    const bot = { ...shop.shared.config.bots[0]!, api: { getStarTransactions } } as unknown as ServedBot
    await readOn(shop.db, bot)
    await eventually(async () => (await anna.tokens()) === 1n, { what: 'the whole Stars' })
    expect(await stateOf('stxPart')).toBeUndefined()
  })

  test('a bot whose list Telegram does not show keeps no other bot’s lost payment from being found', async () => {
    const boris = await shop.person({ bot: 'second_bot' })
    await shop.fault({ on: 'update', kind: 'successful_payment', person: boris.id, do: { lose: true } })
    await boris.pay(slugOf(await boris.order(3)))
    const refusal = { status: 400, description: 'Bad Request: BOT_METHOD_INVALID' }
    await shop.fault({ on: 'call', method: 'getStarTransactions', bot: 'main_bot', times: 0, do: refusal })
    await shop.shared.producer.add(reconcileStars, { at: 'one-refused' })
    await boris.hears('3 tokens credited')
    await shop.control('PUT', '/faults', [])
  })

  test('Telegram that is away for a while leaves no dead letter of the look at its list', async () => {
    const letters = () => shop.db.rows(q`select 1 from outbox where state = 'dead' and key like '%away-once'`)
    const looked = async () =>
      (await shop.calls('getStarTransactions')).filter((call) => !call.ok && call.bot === 'main_bot').length
    const before = await looked()
    await shop.fault({
      on: 'call',
      method: 'getStarTransactions',
      bot: 'main_bot',
      do: { status: 502, description: 'Bad Gateway' },
    })
    await shop.shared.producer.add(reconcileStars, { at: 'away-once' })
    await eventually(async () => (await looked()) > before, { what: 'the look that fails' })
    await settled(shop)
    expect(await letters()).toEqual([])
  })

  test('an invoice that is not ours is refused before money moves, and credited at the rate if money moved (F15)', async () => {
    const anna = await shop.person()
    const bot = shop.shared.config.bots[0]!
    const response = await fetch(`${shop.telegram.url}/bot${bot.token}/createInvoiceLink`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        title: 'x',
        description: 'x',
        payload: 'elsewhere',
        currency: 'XTR',
        prices: [{ label: 'x', amount: 12 }],
      }),
    })
    const { result } = (await response.json()) as { result: string }
    expect(await anna.pay(slugOf(result))).toMatchObject({
      outcome: 'refused',
      error_message: expect.stringContaining('know this invoice') as string,
    })
    await shop.inject(service(anna, { successful_payment: starsOf(chargeId(), 12, 'elsewhere') }))
    // 12 Stars at 5 a token are 2.4 tokens, and the shop never rounds a person's money away.
    await eventually(async () => (await anna.tokens()) === 3n, { what: 'three tokens' })
  })

  test('somebody else’s invoice cannot be paid', async () => {
    const [anna, boris] = [await shop.person(), await shop.person()]
    const link = await anna.order(3)
    expect(await boris.pay(slugOf(link))).toMatchObject({ outcome: 'refused' })
  })

  test('an invoice over an hour old is refused, also after upkeep has expired it, in words that fit', async () => {
    const anna = await shop.person()
    const link = slugOf(await anna.order(3))
    await shop.db.rows(
      q`update payments set expires_at = now() - interval '10 minutes' where person_id = ${anna.id}`,
    )
    expect(await anna.pay(link)).toMatchObject({
      outcome: 'refused',
      error_message: expect.stringContaining('over an hour old') as string,
    })
    await shop.db.rows(q`update payments set state = 'expired' where person_id = ${anna.id}`)
    expect(await anna.pay(link)).toMatchObject({
      outcome: 'refused',
      error_message: expect.stringContaining('over an hour old') as string,
    })
    // Money that came all the same is credited.
    const [payment] = await paymentsOf(anna)
    await shop.inject(service(anna, { successful_payment: starsOf(chargeId(), 15, payment!.id) }))
    await eventually(async () => (await anna.tokens()) === 3n, { what: 'late money' })
  })
})

test('the key of an invoice that has expired offers new ones and says why, rather than that it is paid', async () => {
  const anna = await shop.person()
  await anna.say('/buy')
  const { message, key } = await anna.key(/^3\s/)
  await anna.tap(message.message_id, key.callback_data!)
  await anna.key('Pay ')
  const expired = { text: expect.stringContaining('nothing was charged') as string, show_alert: true }
  await shop.db.rows(q`update payments set expires_at = now() - interval '1 s' where person_id = ${anna.id}`)
  expect(await anna.tap(message.message_id, key.callback_data!)).toMatchObject(expired)
  await shop.db.rows(q`update payments set state = 'expired' where person_id = ${anna.id}`)
  expect(await anna.tap(message.message_id, key.callback_data!)).toMatchObject(expired)
  expect((await anna.key(/^3\s/)).key.callback_data).not.toBe(key.callback_data)
})

test('a pack that no invoice takes, at a price that was kept while the packs were other ones, is not offered', async () => {
  const boris = await shop.person({ bot: 'second_bot' })
  await shop.db.rows(
    q`insert into settings (bot, key, value) values ('second', 'stars-packs', '[7, 200000]')`,
  )
  const offered = await eventually(
    async () => {
      await boris.say('/buy')
      const { message } = await boris.key(/^\d+\s/)
      const keys = message.inline_keyboard!.flat().map(({ text }) => text)
      return keys.some((text) => text.startsWith('7 ')) ? keys : undefined
    },
    { what: 'the packs of this bot', everyMs: 1_000 },
  )
  expect(offered!.filter((text) => /token/.test(text))).toEqual(['7 tokens · 35 ⭐'])
  await boris.say('/pricing')
  expect((await boris.hears('7 tokens — 35'))!.text).not.toContain('200,000')
  await shop.db.rows(q`delete from settings where bot = 'second'`)
})

/** Holds upkeep's look at Telegram's list, which comes every minute and so in the middle of a test. */
async function withoutUpkeep<T>(work: () => Promise<T>): Promise<T> {
  const [queue] = shop.shared.producer.queues.get('upkeep')!
  await queue!.pause()
  try {
    await eventually(async () => (await queue!.getActiveCount()) === 0, { what: 'upkeep rests' })
    return await work()
  } finally {
    await queue!.resume()
  }
}
