import { sql as q } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLog } from '#shared/log.ts'
import { createSecrets } from '#shared/secrets.ts'
import type { Bots, ServedBot } from '#shared/telegram/bots.ts'
import { tokenSecret } from '#shared/telegram/roster.ts'
import { readSecret, writeSecret } from '#shared/vault.ts'
import { closeRemovedBot } from '#shop/admin/worker/close-bot.ts'
import { makeWallet, refundPayment } from '#shop/payments/jobs.ts'
import { askRefund } from '#shop/payments/refunds.ts'
import { askWallet } from '#shop/payments/wallets.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'
import type { WalletShop } from '../lib/wallet-shop.ts'

/* Telegram gives Stars back only through the bot that took them. */

let shop: WalletShop
beforeAll(async () => {
  shop = await openWalletShop()
})
afterAll(() => shop.close())

async function refunded(id: number) {
  const personId = await shop.person(id)
  const paymentId = await shop.pay(personId, 10n)
  await shop.db.rows(q`update payments set booked = amount where id = ${paymentId}`)
  await shop.db.tx((tx) => askRefund(tx, { paymentId, adminId: 900n, reason: 'admin' }))
}
const owedRefunds = () =>
  shop.db.rows(q<{ bot: string | null }>`select bot from outbox where job = ${refundPayment.name}`)

test('a refund of Stars is left to the deployment whose bot took them: another one would refuse it', async () => {
  await refunded(1)
  expect(await owedRefunds()).toEqual([{ bot: 'shop' }])
})

test('a permanent address is asked for by the deployment of its bot: another one may have no such vendor', async () => {
  const wish = { personId: await shop.person(2), bot: 'shop', provider: 'cryptomus' }
  await shop.db.tx((tx) => askWallet(tx, { ...wish, asset: 'USDT', network: 'tron' }))
  const owed = q<{ bot: string | null }>`select bot from outbox where job = ${makeWallet.name}`
  expect(await shop.db.rows(owed)).toEqual([{ bot: 'shop' }])
  await shop.db.rows(q`update outbox set state = 'done' where job = ${makeWallet.name}`)
})

test('the token of a removed bot is kept until the Stars that an admin gave back are on their way', async () => {
  const secrets = createSecrets(shop.config.encryptionKey)
  await writeSecret(shop.db, secrets, tokenSecret('shop'), '100:token')
  await shop.db.rows(q`update bots set state = 'removed' where name = 'shop'`)
  const api = {
    getStarTransactions: () => Promise.resolve({ transactions: [] }),
    deleteWebhook: () => Promise.resolve(true),
  }
  const bot = { name: 'shop', admins: [], closing: true, parked: false, api }
  const bots: Bots = new Map([['shop', bot as unknown as ServedBot]])
  const app = {
    db: shop.db,
    bots,
    log: createLog({ level: 'silent', name: 'test' }),
    refreshBots: () => Promise.resolve(),
  }
  const close = () => closeRemovedBot(app, { bot: 'shop', at: 'now' })
  const token = () => readSecret(shop.db, secrets, tokenSecret('shop'))

  expect(await close()).toMatchObject({ verdict: 'later' })
  expect(await token()).toBe('100:token')
  await shop.db.rows(q`update outbox set state = 'done' where job = ${refundPayment.name}`)
  expect(await close()).toMatchObject({ verdict: 'done' })
  expect(await token()).toBeUndefined()
})
