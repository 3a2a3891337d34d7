import { goods } from '#shop/goods.ts'
import { sql as q } from 'kysely'
import { readConfig } from '#shop/config.ts'
import { post } from '#shared/money/ledger.ts'
import { prove } from '#shared/money/proof.ts'
import { readBalance } from '#shared/money/read.ts'
import type { Asset } from '#shared/money.ts'
import { createPayment, movePayment } from '#shop/payments/payments.ts'
import type { Bots } from '#shared/telegram/bots.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { followLedger } from '#shop/loyalty/worker/follow-ledger.ts'
import { createDatabase, openTestDb } from './database.ts'

/**
 * A database with two bots. Payments, refunds and purchases are made there as the workers book them, without
 * any worker.
 */
export async function openWalletShop() {
  const database = await createDatabase()
  const db = await openTestDb(database.url, { max: 20, name: 'wallet-test' })
  const config = readConfig({ ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64') })
  const settings = createSettings(db, config)
  await db.rows(q`insert into bots (name, telegram_id) values ('shop', 100), ('second', 200)`)
  let count = 0

  return {
    url: database.url,
    db,
    config,
    bots: new Map() as Bots,
    settings,
    goods,
    follow: () => followLedger({ db, settings, goods }),
    async person(id: number, bot = 'shop'): Promise<bigint> {
      await db.rows(
        q`insert into persons (id, first_name) values (${id}, ${`P${id}`}) on conflict do nothing`,
      )
      await db.rows(
        q`insert into bot_sessions (bot, person_id) values (${bot}, ${id}) on conflict do nothing`,
      )
      return BigInt(id)
    },
    /** @returns the payment's id */
    async pay(personId: bigint, tokens: bigint, details: Record<string, unknown> = {}): Promise<string> {
      const id = `pay-${count++}`
      await db.tx(async (tx) => {
        await createPayment(tx, {
          id,
          personId,
          bot: 'shop',
          provider: 'stars',
          asset: 'XTR',
          amount: tokens * 5n,
          creditAsset: 'TOK',
          creditAmount: tokens,
          details,
        })
        await movePayment(tx, id, 'paid', { providerRef: `charge-${id}` })
        await post(tx, {
          reference: `payment-${id}`,
          kind: 'payment',
          bot: 'shop',
          details: { payment: id, provider: 'stars' },
          entries: [
            { owner: { system: 'conversion' }, asset: 'TOK', amount: -tokens },
            { owner: { person: personId }, asset: 'TOK', amount: tokens },
          ],
        })
      })
      return id
    },
    async refund(personId: bigint, payment: string, tokens: bigint): Promise<void> {
      await post(db, {
        reference: `refund-${payment}`,
        kind: 'refund',
        bot: 'shop',
        details: { payment },
        entries: [
          { owner: { person: personId }, asset: 'TOK', amount: -tokens },
          { owner: { system: 'conversion' }, asset: 'TOK', amount: tokens },
        ],
      })
    },
    async spend(
      personId: bigint,
      tokens: bigint,
      kind: 'generation' | 'premium' | 'stars' = 'generation',
      /** How much of the price may come back as a discount; of a picture, all of it. */
      mostBack?: bigint,
    ): Promise<string> {
      const order = `order-${count++}`
      if (mostBack !== undefined)
        await db.rows(q`
          insert into orders (id, person_id, bot, good, state, asset, price, details)
          values (${order}, ${personId}, 'shop', ${kind}, 'delivered', 'TOK', ${tokens}, ${JSON.stringify({
            mostBack: String(mostBack),
            unitPrice: String(tokens * 800n),
            recipients: [{}],
          })}::jsonb)`)
      await post(db, {
        reference: `capture-${order}`,
        kind,
        bot: 'shop',
        details: { order },
        entries: [
          { owner: { person: personId }, asset: 'TOK', amount: -tokens },
          { owner: { system: 'sales' }, asset: 'TOK', amount: tokens },
        ],
      })
      return order
    },
    async refundOrder(personId: bigint, order: string, tokens: bigint): Promise<void> {
      await post(db, {
        reference: `refund-${order}`,
        kind: 'refund',
        bot: 'shop',
        details: { order },
        entries: [
          { owner: { person: personId }, asset: 'TOK', amount: tokens },
          { owner: { system: 'sales' }, asset: 'TOK', amount: -tokens },
        ],
      })
    },
    has: async (personId: bigint, asset: Asset = 'TOK') => (await readBalance(db, personId, asset)).available,
    notices: async () =>
      (await db.rows(q<{ key: string }>`select key from outbox where job = 'notice.send' order by id`)).map(
        ({ key }) => key.replace(/^notice-/, ''),
      ),
    async close(): Promise<void> {
      const proof = await prove(db)
      await db.close()
      await database.drop()
      if (!proof.ok) throw new Error('the ledger does not add up')
    },
  }
}
export type WalletShop = Awaited<ReturnType<typeof openWalletShop>>
