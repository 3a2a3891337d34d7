import { sql as q } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { takeBonusesBack } from '#shop/loyalty/promo/bonus.ts'
import { grantPeriod } from '#shop/loyalty/subscriptions/subscriptions.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'
import type { WalletShop } from '../lib/wallet-shop.ts'

/* A plan gives 10 % back, so a purchase of 2 tokens has a share of a fifth of a token, and five of them make one. */

let shop: WalletShop
beforeAll(async () => {
  shop = await openWalletShop()
  await shop.db.rows(q`update plans set discount_percent = 10 where code = 'plus'`)
})
afterAll(() => shop.close())

async function subscriber(id: number) {
  const personId = await shop.person(id)
  await shop.pay(personId, 100n)
  await shop.db.tx((tx) =>
    grantPeriod(tx, {
      personId,
      plan: 'plus',
      bot: 'shop',
      paidWith: 'promo',
      days: 30,
      renews: false,
      reference: `plan-${id}`,
    }),
  )
  await shop.follow()
  return {
    personId,
    async buys() {
      const order = await shop.spend(personId, 2n)
      await shop.follow()
      return order
    },
    async gets(order: string) {
      await shop.refundOrder(personId, order, 2n)
      await shop.db.tx((tx) => takeBonusesBack(tx, { details: { order }, bot: 'shop' }))
      // The follower finds the refund as well, and takes nothing twice.
      await shop.follow()
    },
    has: () => shop.has(personId),
  }
}

test('F76 buying and getting the price back again and again leaves no part of a discount', async () => {
  const buyer = await subscriber(1)
  for (let times = 0; times < 14; times++) await buyer.gets(await buyer.buys())
  expect(await buyer.has()).toBe(100n)
  await buyer.buys()
  expect(await buyer.has()).toBe(98n)
})

test('F76 the refund of the purchase that made a token whole leaves the parts of the others, and they count', async () => {
  const buyer = await subscriber(2)
  const orders: string[] = []
  for (let times = 0; times < 5; times++) orders.push(await buyer.buys())
  expect(await buyer.has()).toBe(91n)
  await buyer.gets(orders[4]!)
  expect(await buyer.has()).toBe(92n)
  await buyer.buys()
  expect(await buyer.has()).toBe(91n)
  // An early one that made no token by itself is a part of the one that was given.
  await buyer.gets(orders[0]!)
  expect(await buyer.has()).toBe(92n)
})
