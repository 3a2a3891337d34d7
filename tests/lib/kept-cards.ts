import { sql as q } from 'kysely'
import { readConfig } from '#shop/config.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { newId } from '#shared/ids.ts'
import { renewDue } from '#shop/loyalty/subscriptions/renew.ts'
import { readSubscription } from '#shop/loyalty/subscriptions/subscriptions.ts'
import { cardsOf } from '#shop/loyalty/worker/card-pays.ts'
import { eventually } from './eventually.ts'
import { BOT, openPaymentShop } from './payment-shop.ts'

/** A shop with YooKassa, which keeps cards, and what tests of renewals do there. */
export async function openCardShop() {
  const shop = await openPaymentShop({ vendors: ['yookassa'] })
  const vendor = shop.vendors['yookassa']!
  const config = readConfig(shop.env)
  const app = { config, settings: createSettings(shop.db, config) }
  const cards = cardsOf(app)
  const renew = () => renewDue(shop.db, cards)
  // Telegram knows the bot, so that it can tell people what a card will pay.
  await shop.db.rows(q`update bots set telegram_id = 100`)
  let serial = 1_000
  const charges = (personId: bigint) =>
    shop.db.rows(q<{ id: string; state: string; amount: bigint }>`
      select id, state, amount from payments where person_id = ${personId} and details ? 'renewal' order by created_at`)

  return {
    shop,
    vendor,
    app,
    renew,
    charges,
    /** Makes the vendor well again. */
    heal: () => {
      vendor.faults.replace([])
      Object.assign(vendor.settings, { chargeFails: '', chargeWaits: false, chargeConfirms: false })
    },
    /** Somebody who paid a rouble with a card and let it be kept, and whose plan is over and not paid. */
    subscriber: async (keepCard = true) => {
      const personId = BigInt(++serial)
      const made = await shop.begin('yookassa', { personId, keepCard, pay: { asset: 'RUB', amount: 100n } })
      await vendor.vendor.pay(made.providerRef!, 'exact', {})
      await eventually(async () => (await shop.payment(made.id)).state === 'paid', { what: 'the rouble' })
      const id = newId()
      await shop.db.rows(q`
        insert into subscriptions (id, person_id, plan, bot, paid_with, renews, expires_at)
        values (${id}, ${personId}, 'plus', ${BOT.name}, 'balance', true, now())`)
      return { personId, id, keptWith: made.id, card: made.providerRef! }
    },
    plan: async (id: string) => (await readSubscription(shop.db, id))!,
    told: async (personId: bigint) =>
      (
        await shop.db.rows(q<{ text: string }>`
          select payload ->> 'text' as text from outbox
          where payload ->> 'personId' = ${String(personId)} and payload ->> 'text' like '%card-%' order by id`)
      ).map(({ text }) => text),
    /** The time of the next step has come. */
    later: async (id: string) => {
      await shop.db.rows(q`update card_renewals set next_at = now() where subscription_id = ${id}`)
      await renew()
    },
    ended: (personId: bigint, count = 1) =>
      eventually(
        async () => {
          const all = await charges(personId)
          return all.length === count && !['created', 'pending'].includes(all.at(-1)!.state)
        },
        { what: `charge ${count} and its outcome` },
      ),
    /** The person's newest charge, which the provider has taken and not ended. */
    waiting: async (personId: bigint, count = 1) => {
      const newest = async () => (await charges(personId))[count - 1]
      await eventually(async () => (await newest())?.state === 'pending', { what: 'a charge that waits' })
      return await shop.payment((await newest())!.id)
    },
    asked: (card: string) =>
      vendor.requests.filter(({ name, body }) => name === 'POST payments' && body.includes(`"${card}"`))
        .length,
  }
}
export type CardShop = Awaited<ReturnType<typeof openCardShop>>
