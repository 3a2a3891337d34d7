import { sql as q } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { setBan } from '#shop/admin/person.ts'
import { createPayment } from '#shop/payments/payments.ts'
import { renewDue } from '#shop/loyalty/subscriptions/renew.ts'
import { buyPeriod, subscriptionsOf } from '#shop/loyalty/subscriptions/subscriptions.ts'
import { tellSubscriber } from '#shop/loyalty/subscriptions/tell.ts'
import { creditStars } from '#shop/payments/worker/stars.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'
import type { WalletShop } from '../lib/wallet-shop.ts'

let shop: WalletShop
beforeAll(async () => {
  shop = await openWalletShop()
})
afterAll(() => shop.close())

const buy = (personId: bigint, reference: string) =>
  shop.db.tx((tx) =>
    buyPeriod(tx, { payer: personId, personId, plan: 'plus', bot: 'shop', renews: true, reference }),
  )
const current = async (personId: bigint) => (await subscriptionsOf(shop.db, personId))[0]!
/**
 * Makes a link to subscribe in this bot, and pays it.
 * @returns the charge
 */
async function subscribe(personId: bigint, bot: string): Promise<string> {
  const id = `link-${personId}`
  await createPayment(shop.db, {
    id,
    personId,
    bot,
    provider: 'stars',
    asset: 'XTR',
    amount: 150n,
    creditAsset: 'TOK',
    creditAmount: 30n,
    details: { plan: 'plus' },
  })
  const chargeId = `charge-${personId}`
  await creditStars(shop, { bot, personId: String(personId), chargeId, stars: 150, payload: id })
  return chargeId
}
const told = (text: string) =>
  shop.db.rows(q<{ bot: string; params: { until: { ru: string; en: string } } }>`
    select payload ->> 'bot' as bot, payload -> 'params' as params from outbox where payload ->> 'text' = ${text}`)

test('tokens paid for a plan that Telegram renews add a period, and Telegram’s renewal is still what can be stopped', async () => {
  const id = await shop.person(1)
  await subscribe(id, 'shop')
  await shop.pay(id, 30n)
  await buy(id, 'beside')
  expect(await current(id)).toMatchObject({
    period: 2,
    paidWith: 'stars',
    renews: true,
    chargeId: 'charge-1',
  })
  // The subscription is over and nothing more comes from Telegram, so now tokens renew it.
  await shop.db.rows(q`update subscriptions set expires_at = now(), state = 'grace' where person_id = ${id}`)
  await shop.pay(id, 30n)
  await buy(id, 'after')
  expect(await current(id)).toMatchObject({ period: 3, paidWith: 'balance', renews: true })
})

test('a subscription that began with tokens belongs to the bot in which Stars were paid for it: only that one can stop it', async () => {
  const id = await shop.person(2)
  await shop.person(2, 'second')
  await shop.pay(id, 30n)
  await buy(id, 'tokens-first')
  expect((await current(id)).bot).toBe('shop')
  const charge = await subscribe(id, 'second')
  expect(await current(id)).toMatchObject({ bot: 'second', chargeId: charge, paidWith: 'stars' })
  // A period paid with tokens in the other bot moves the subscription to no other bot.
  await shop.pay(id, 30n)
  await buy(id, 'tokens-again')
  expect(await current(id)).toMatchObject({ bot: 'second', chargeId: charge })
})

test('somebody who is banned keeps what they paid for, and their balance pays for no further period', async () => {
  const id = await shop.person(7)
  await shop.pay(id, 60n)
  await buy(id, 'before-the-ban')
  await setBan(shop.db, { personId: id, reason: 'fraud', by: 1n, bot: 'shop' })
  expect(await current(id)).toMatchObject({ state: 'active', renews: false })
  await shop.db.rows(q`update subscriptions set expires_at = now() where person_id = ${id}`)
  await renewDue(shop.db)
  expect([await shop.has(id), await current(id)]).toEqual([30n, undefined])
})

test('messages about a subscription name the day of Moscow, in the reader’s own way, and go to a bot that may write', async () => {
  const id = await shop.person(3)
  await shop.person(3, 'second')
  await shop.db.rows(q`update bot_sessions set blocked_at = now() where person_id = ${id} and bot = 'shop'`)
  await shop.pay(id, 30n)
  const bought = (await buy(id, 'dated'))!
  await shop.db.tx((tx) =>
    tellSubscriber(
      tx,
      { ...bought, expiresAt: new Date('2028-02-29T22:30:00Z') },
      'subscription-gift-notice',
    ),
  )
  expect(await told('subscription-gift-notice')).toMatchObject([
    { bot: 'second', params: { until: { ru: '01.03.2028', en: '01/03/2028' } } },
  ])
})

test('a thousand that wait for money, and one that fails, keep nobody’s renewal and nobody’s reminder waiting', async () => {
  await shop.db.rows(q`
    with crowd as (insert into persons (id) select 10000 + n from generate_series(1, 1100) n returning id)
    insert into subscriptions (id, person_id, plan, bot, paid_with, state, renews, expires_at)
    select 'crowd-' || id, id, 'plus', 'shop', 'balance', 'grace', true, now() - interval '2 days' from crowd`)
  const [broken, rich, poor] = await Promise.all([shop.person(4), shop.person(5), shop.person(6)])
  for (const id of [broken, rich, poor]) {
    await shop.pay(id, 60n)
    await buy(id, `crowded-${id}`)
  }
  await shop.spend(poor, 25n)
  await shop.db.rows(q`
    update subscriptions set expires_at = now() + case person_id when ${poor} then interval '1 day' else interval '0' end
      - case person_id when ${broken} then interval '1 hour' else interval '0' end
    where person_id = any(${[broken, rich, poor]})`)
  await shop.db.rows(q`
    create function refuse_one() returns trigger language plpgsql as $$ begin
      if new.person_id = 4 then raise exception 'broken'; end if; return new; end $$`)
  await shop.db.rows(q`
    create trigger refuse_one before update on subscriptions for each row execute function refuse_one()`)
  await expect(renewDue(shop.db)).rejects.toThrow('1 failed: broken')
  expect([await shop.has(broken), await shop.has(rich), await shop.has(poor)]).toEqual([30n, 0n, 5n])
  expect((await current(rich)).period).toBe(2)
  const reminders = (await shop.notices()).filter((key) => key.startsWith('subscription-ending'))
  expect(reminders).toEqual([`subscription-ending-notice-${(await current(poor)).id}-1`])
  await shop.db.rows(q`drop trigger refuse_one on subscriptions`)
  await renewDue(shop.db)
  expect(await shop.has(broken)).toBe(0n)
})
