import { sql as q } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Context } from '#shared/context.ts'
import { createPayment } from '#shop/payments/payments.ts'
import { owePolls } from '#shop/payments/worker/poll-payments.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'
import type { WalletShop } from '../lib/wallet-shop.ts'

/* Two deployments may serve bots from one database, each with its own queue and its own providers. */

let shop: WalletShop
beforeAll(async () => {
  shop = await openWalletShop()
})
afterAll(() => shop.close())

async function due(id: string, bot: string, provider: string, since = '1 second') {
  const personId = await shop.person(1)
  const sum = { asset: 'RUB', amount: 100n, creditAsset: 'RUB', creditAmount: 100n } as const
  await createPayment(shop.db, { id, personId, bot, provider, ...sum })
  await shop.db.rows(q`
    update payments set state = 'pending', next_check_at = now() - ${since}::interval where id = ${id}`)
}

/** The payments that a deployment looks at, which has this bot and YooKassa. */
async function looksAt(bot: string): Promise<string[]> {
  const seen: string[] = []
  const producer = {
    add: async (_: unknown, { paymentId }: { paymentId: string }) => void seen.push(paymentId),
  }
  const payments = {
    YOOKASSA_SHOP_ID: '1',
    YOOKASSA_SECRET_KEY: 'key',
    YOOKASSA_WEBHOOK_SECRET: 'secret',
  }
  const config = { ...shop.config, payments: { ...shop.config.payments, ...payments } }
  await owePolls({ db: shop.db, config, producer, bots: new Map([[bot, {}]]) } as unknown as Context)
  return seen.toSorted()
}

test('F20 a payment is looked at by the deployment that has its bot and its provider, and by another one when that is away', async () => {
  await due('ours', 'shop', 'yookassa')
  await due('theirs', 'second', 'yookassa')
  await due('elsewhere', 'second', 'mulenpay', '1 hour')
  expect(await looksAt('shop')).toEqual(['ours'])
  await shop.db.rows(q`update payments set next_check_at = now() - interval '16 minutes' where id = 'theirs'`)
  expect(await looksAt('shop')).toEqual(['theirs'])
  // What nobody has looked at for a week is over: its provider may be gone for good.
  await shop.db.rows(q`update payments set next_check_at = now() - interval '8 days' where id = 'elsewhere'`)
  expect(await looksAt('shop')).toEqual(['elsewhere'])
})
