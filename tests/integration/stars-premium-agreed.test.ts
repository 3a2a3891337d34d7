import { sql as q } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadTexts } from '#shared/i18n/texts.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import { readBalance } from '#shared/money/read.ts'
import { createSecrets } from '#shared/secrets.ts'
import { priceSellRub } from '#shared/settings/economy.ts'
import type { Bots, ServedBot } from '#shared/telegram/bots.ts'
import { premiumOf } from '#shop/stars-premium/good.ts'
import { placeOrder } from '#shop/stars-premium/place.ts'
import { buyDraft, findRecipients, offerGoods } from '#shop/stars-premium/selling.ts'
import { premiumPrices, premiumWay } from '#shop/stars-premium/settings.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'
import type { WalletShop } from '../lib/wallet-shop.ts'

/*
 * Premium that the bot gives from its own Stars, because it needs no reseller. A price in roubles becomes one in tokens at
 * what a token is worth, and an owner may change that at any moment.
 */

const friend = { id: 77, first_name: 'Friend', username: 'friend', active_usernames: ['friend'] }
let shop: WalletShop
let bots: Bots
beforeAll(async () => {
  shop = await openWalletShop()
  const api = { getChat: () => Promise.resolve(friend) }
  bots = new Map([['shop', { name: 'shop', admins: [], api } as unknown as ServedBot]])
  await shop.person(friend.id)
  await shop.db.rows(q`update persons set username = 'friend' where id = ${friend.id}`)
  await shop.settings.set(shop.db, premiumWay, { value: 'bot-stars', by: 1n })
  await shop.settings.set(shop.db, premiumPrices, { value: { '3': '800' }, by: 1n })
})
afterAll(() => shop.close())

const tokenCosts = (kopecks: bigint | undefined) =>
  shop.settings.set(shop.db, priceSellRub, { value: kopecks, by: 1n })
const give = (personId: bigint, amount: bigint, reference: string) =>
  post(
    shop.db,
    transfer(
      { system: 'adjustments' },
      { person: personId },
      { asset: 'TOK', amount },
      { reference, kind: 'adjustment' },
    ),
  )

/** A person of the shop and the draft behind a key with a price of 100 tokens. */
async function offered(id: number, tokens: bigint) {
  const personId = await shop.person(id)
  await give(personId, tokens, `first-${id}`)
  await tokenCosts(800n)
  const secrets = createSecrets(shop.config.encryptionKey)
  const backend = { redis: undefined, key: (name: string) => name }
  const app = { ...shop, bots, secrets, texts: loadTexts(), backend }
  const buyer = { app, bot: { name: 'shop' }, personId }
  const goods = premiumOf(3)
  const { id: draft, options } = await offerGoods(
    buyer,
    goods,
    await findRecipients(buyer, 'premium', ['friend']),
  )
  expect(options.find(({ currency }) => currency === 'TOK')).toMatchObject({ price: 100n })
  return { buyer, draft, personId }
}
const tokensOf = (personId: bigint) => readBalance(shop.db, personId, 'TOK')

test('F54 a key that says 100 tokens takes no other number of them when a token is worth less by then', async () => {
  const { buyer, draft, personId } = await offered(1, 1_000n)
  await tokenCosts(400n)
  await expect(buyDraft(buyer, draft, 'TOK')).rejects.toMatchObject({ code: 'price.changed' })
  expect(await tokensOf(personId)).toMatchObject({ available: 1_000n, held: 0n })
  await tokenCosts(800n)
  expect(await buyDraft(buyer, draft, 'TOK')).toMatchObject({ outcome: 'reserved' })
  expect(await tokensOf(personId)).toMatchObject({ available: 900n, held: 100n })
})

test('F54 who tops up for a price in tokens pays that price, also when a token is worth less by then', async () => {
  const { buyer, draft, personId } = await offered(2, 40n)
  expect(await buyDraft(buyer, draft, 'TOK')).toMatchObject({ outcome: 'short', missing: 60n })
  await tokenCosts(400n)
  // Money of another purchase came as well: without a fixed price it would be taken.
  await give(personId, 500n, 'more-2')
  const context = { ...shop, bots, client: () => Promise.reject(new Error('no reseller is needed')) }
  const by = { personId, currency: 'TOK', actor: 'worker:fragment' } as const
  expect(await placeOrder(context, draft, by)).toMatchObject({ outcome: 'reserved' })
  expect(await tokensOf(personId)).toMatchObject({ available: 440n, held: 100n })
})
