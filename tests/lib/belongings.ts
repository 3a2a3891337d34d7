import { sql as q } from 'kysely'
import { newId } from '#shared/ids.ts'
import { setRole } from '#shared/roles.ts'
import { draftAdjustment } from '#shop/admin/adjustments.ts'
import { plansForSale } from '#shop/loyalty/subscriptions/plans.ts'
import { awaitPlanMoney } from '#shop/loyalty/subscriptions/waiting.ts'
import { createMailing } from '#shop/mailings/mailings.ts'
import { createPayment } from '#shop/payments/payments.ts'
import { createRequest } from '#shop/payments/requests.ts'
import { createDraft } from '#shop/pictures/pictures.ts'
import { give } from './give.ts'
import type { askWeb } from './mini-app.ts'
import { ADMIN } from './shop.ts'
import type { Shop } from './shop.ts'
import { shelfOf } from './shelf.ts'
import { draftStars } from './stars-order.ts'

/** Ids of things, by the first word of the addresses that are about them. */
export type Belongings = Readonly<Record<string, string>>

/** Something of each kind that the Mini App has an address for, of somebody who has the page open. */
export async function belongingsOf(
  shop: Pick<Shop, 'db'>,
  owner: { id: number; ask: (...args: [string, string, unknown?]) => ReturnType<typeof askWeb> },
): Promise<Belongings> {
  const { db } = shop
  const [ids, about] = [
    { orders: newId(), payments: newId(), pictures: newId(), waiting: newId(), requests: newId() },
    { personId: BigInt(owner.id), bot: 'main' },
  ]
  const shelf = await shelfOf(shop)
  await shelf.give(about.personId, 500n)
  const purchase = shelf.wish(about.personId, await shelf.item({}, ['KEY-1']), { id: newId(), bot: 'main' })
  await shelf.buy(purchase)
  await draftStars(db, { id: ids.orders, personId: about.personId })
  const roubles = { asset: 'RUB', amount: 30_000n, creditAsset: 'RUB', creditAmount: 30_000n } as const
  await createPayment(db, { ...about, ...roubles, id: ids.payments, provider: 'mulenpay' })
  const drawn = { provider: 'demo', model: 'demo', aspect: '1:1', price: 1n, prompt: 'a cat' }
  await db.tx((tx) => createDraft(tx, { ...about, ...drawn, orderId: ids.pictures }))
  await db.rows(q`update orders set state = 'awaiting_payment' where id in (${ids.orders}, ${ids.pictures})`)
  const plan = (await plansForSale(db)).find(({ priceTokens }) => priceTokens)!
  const wanted = { plan, name: plan.name.en, agreed: 0n }
  await db.tx((tx) => awaitPlanMoney(tx, { ...about, ...wanted, id: ids.waiting }))
  const sum = { asset: 'RUB' as const, amount: 20_000n }
  await createRequest(db, { ...about, id: ids.requests, method: 'card_ru', pay: sum, credit: sum })
  await give(db, owner.id, plan.priceTokens!, 'TOK')
  const { terms } = (await owner.ask('GET', `/plans/${plan.code}`)).body['tokens'] as { terms: string }
  await owner.ask('POST', `/plans/${plan.code}/buy`, { terms, draft: 'abcdefgh90' })
  const [running] = (await owner.ask('GET', '/plans')).body['running'] as { id: string }[]
  return { ...ids, purchases: purchase.id, plans: running!.id }
}

/**
 * Something of each kind that the panel has an address for, in the bot `main`.
 * @param request a request by hand of the person whom all of it is about
 */
export async function thingsOfMain(
  shop: Pick<Shop, 'db'>,
  request: { id: string; person: { id: number } },
): Promise<Belongings> {
  const { db } = shop
  const personId = BigInt(request.person.id)
  const ids = {
    people: String(personId),
    orders: newId(),
    payments: request.id,
    requests: request.id,
    // A number that can be nobody's price or days, so that finding it proves something.
    letters: '770003',
    roles: String(personId),
    mailings: newId(),
    promo: '770001',
    items: '770002',
    categories: '770004',
    corrections: newId(),
    plans: (await plansForSale(db))[0]!.code,
  }
  await draftStars(db, { id: ids.orders, personId })
  await db.rows(q`update orders set state = 'review' where id = ${ids.orders}`)
  await db.rows(q`
    insert into outbox (id, key, job, payload, state, reason) overriding system value
    values (${ids.letters}::bigint, ${newId()}, 'payment.draw', ${{ paymentId: request.id, round: 'x' }}::jsonb, 'dead', 'gave up')`)
  const correction = { id: ids.corrections, personId, createdBy: BigInt(ADMIN) }
  await draftAdjustment(db, { ...correction, bot: 'main', asset: 'TOK', amount: 1n, reason: 'x' })
  await db.rows(q`update adjustments set state = 'waiting' where id = ${correction.id}`)
  await createMailing(db, { id: ids.mailings, bot: 'main', createdBy: BigInt(ADMIN) })
  await db.tx((tx) => setRole(tx, { bot: 'main', personId, role: 'support', by: BigInt(ADMIN) }))
  await db.rows(q`
    insert into support_messages (id, bot, person_id, text, order_id, waits)
    values (${newId()}, 'main', ${personId}, 'Where is it?', ${ids.orders}, true)`)
  await db.rows(q`
    insert into audit_log (bot, actor_id, action, target, details)
    values ('main', ${ADMIN}, 'order.retry', ${ids.orders}, '{}')`)
  await db.rows(q`
    insert into promo_campaigns (id, name, kind, value, bot, created_by) overriding system value
    values (${ids.promo}::bigint, 'Theirs', 'tokens', 1, 'main', ${ADMIN})`)
  await db.rows(q`
    insert into shelf_items (id, kind, name, asset, price, bots, created_by) overriding system value
    values (${ids.items}::bigint, 'text', '{"ru": "Их", "en": "Theirs"}', 'RUB', 100, array['main'], ${ADMIN})`)
  await db.rows(q`
    insert into shelf_categories (id, name) overriding system value
    values (${ids.categories}::bigint, '{"ru": "Их", "en": "Theirs"}')`)
  return ids
}
