import { sql as q } from 'kysely'
import { starsPremiumSql } from './tables.ts'
import { anyOf } from '#shared/db/build.ts'
import { z } from 'zod'
import { oweFulfilment, orderedGoods, resoldKinds } from './good.ts'
import { WAYS } from './settings.ts'
import { CURRENCIES } from './currency.ts'
import type { Sql } from '#shared/db/db.ts'
import type { Order } from '#shared/money/tables.ts'
import { UserError } from '#shared/errors.ts'
import { idFrom } from '#shared/ids.ts'
import { reserve } from '#shared/money/holds.ts'
import { ASSETS } from '#shared/money.ts'
import { createOrder, moveOrder } from '#shared/money/orders.ts'
import { awaitMoney } from '#shared/money/waiting.ts'
import type { Quote } from './quote.ts'

/** A recipient as the buyer saw them before paying. */
const recipientCard = z.object({
  username: z.string().nullable(),
  name: z.string().nullable(),
  photo: z.string().nullable(),
  hasPremium: z.boolean().nullable(),
  /** Telegram id as text where we know the person, else null. */
  telegramId: z.string().nullable(),
})
export type RecipientCard = z.infer<typeof recipientCard>

/** What an order for Stars or Premium keeps in `details`. */
const saleDetails = z.looseObject({
  goods: orderedGoods,
  recipients: z.array(recipientCard),
  way: z.enum(WAYS),
  /** RUB minor units for one recipient. */
  unitPrice: z.string(),
  /** Tokens for one recipient, as the key said; absent = no key offered them, or a build before wrote the draft. */
  unitTokens: z.string().optional(),
  /** Set when the order is paid: the asset, and the amount for one recipient. */
  payWith: z.enum(CURRENCIES).optional(),
  unitPaid: z.string().optional(),
  /** How much of that may be returned as discounts without a loss; absent = nothing. */
  mostBack: z.string().optional(),
  /** The cost of one recipient's goods at the time of the quote: minor units of the coin and kopecks. */
  cost: z.object({ asset: z.enum(ASSETS), amount: z.string() }).nullable(),
  costRub: z.string().nullable(),
  /** How far the supplier's purchase is, for the live card. */
  stage: z.enum(['sending', 'accepted', 'confirming', 'waiting']).nullish(),
  /** Why the order failed or waits: a text's name. */
  reason: z.string().nullish(),
  /** The supplier's public trace of the payment. */
  reference: z.string().nullish(),
})
export type SaleDetails = z.infer<typeof saleDetails>

/**
 * The order's details.
 * @throws when the order is for another good: code that handles all goods checks `isKind(order.good)` first
 */
export const saleOf = (order: Pick<Order, 'details'>): SaleDetails => saleDetails.parse(order.details)

/** A quote is valid this long: the price on the button is the price that is paid. */
const QUOTE_MS = 15 * 60_000

/** Creates the draft behind a confirm button; the same id makes the same draft. */
export async function draftOrder(
  tx: Sql,
  draft: {
    id: string
    personId: bigint
    bot: string
    quote: Quote
    recipients: RecipientCard[]
    unitTokens?: bigint | undefined
  },
): Promise<void> {
  const { quote, recipients, unitTokens } = draft
  const details: SaleDetails = {
    goods: quote.goods,
    recipients,
    way: quote.way,
    unitPrice: quote.price.toString(),
    ...(unitTokens !== undefined && { unitTokens: unitTokens.toString() }),
    cost: quote.cost ? { asset: quote.cost.asset, amount: quote.cost.amount.toString() } : null,
    costRub: quote.costRub?.toString() ?? null,
  }
  await createOrder(
    tx,
    {
      id: draft.id,
      personId: draft.personId,
      bot: draft.bot,
      good: quote.goods.kind,
      asset: 'RUB',
      price: quote.price * BigInt(recipients.length),
      details: { ...details },
      expiresAt: new Date(Date.now() + QUOTE_MS),
    },
    `person:${draft.personId}`,
  )
}

/**
 * Takes the money aside and owes the fulfilment, all in the caller's transaction. With several recipients the order
 * becomes the head of one sub-order each, every one with a hold of its own.
 * @returns undefined when the order has moved on already: a second click changes nothing
 * @throws UserError `balance.insufficient`: the transaction must be rolled back
 */
export async function reserveOrder(tx: Sql, order: Order, actor: string): Promise<Order | undefined> {
  const sale = saleOf(order)
  const [recipient, ...others] = sale.recipients
  if (!recipient) throw new UserError('order.stale')
  const moved = await moveOrder(tx, order.id, 'reserved', {
    actor,
    from: ['draft', 'awaiting_payment'],
    set: { stage: 'sending' },
  })
  if (!moved) return undefined
  if (others.length === 0) {
    await holdAndOwe(tx, moved)
    return moved
  }
  for (const [index, one] of sale.recipients.entries()) {
    const id = idFrom('sub-order', order.id, index)
    await createOrder(
      tx,
      {
        id,
        personId: order.personId,
        bot: order.bot,
        good: order.good,
        asset: order.asset,
        price: BigInt(sale.unitPaid ?? sale.unitPrice),
        details: { ...sale, recipients: [one], stage: 'sending' },
        parentId: order.id,
      },
      actor,
    )
    const child = await moveOrder(tx, id, 'reserved', { actor })
    if (child) await holdAndOwe(tx, child)
  }
  return moveOrder(tx, order.id, 'fulfilling', { actor, reason: `${sale.recipients.length} sub-orders` })
}

async function holdAndOwe(tx: Sql, order: Order): Promise<void> {
  const { id, personId, asset, price, bot } = order
  await reserve(tx, { reference: id, personId, asset, amount: price, bot })
  await oweFulfilment(tx, order)
}

/**
 * The balance is too small, so the order waits for a top-up.
 * @returns undefined when the order has moved on already
 */
export async function awaitPayment(tx: Sql, order: Order, actor: string): Promise<Order | undefined> {
  if (order.state === 'awaiting_payment') return order
  return awaitMoney(tx, order.id, { actor })
}

/** A person's purchases, newest first, without sub-orders and drafts. */
export function purchases(
  sql: Sql,
  personId: bigint,
  page: { limit: number; offset: number },
): Promise<Pick<Order, 'id' | 'good' | 'state' | 'price' | 'asset' | 'details' | 'createdAt'>[]> {
  return sql.rows(
    starsPremiumSql
      .selectFrom('orders')
      .select(['id', 'good', 'state', 'price', 'asset', 'details', 'created_at as createdAt'])
      .where('person_id', '=', personId)
      .where('good', '=', anyOf(resoldKinds))
      .where('parent_id', 'is', null)
      .where('state', 'not in', ['draft', 'expired', 'cancelled'])
      .orderBy('created_at', 'desc')
      .orderBy('id')
      .limit(page.limit)
      .offset(page.offset),
  )
}

/** The sub-orders of an order, in the order of their recipients. */
export function subOrders(sql: Sql, parentId: string): Promise<Order[]> {
  // By hand: the order of the recipients is that of an array within the parent's details.
  return sql.rows(q`
    select o.id, o.person_id as "personId", o.bot, o.good, o.state, o.asset, o.price, o.details,
      o.parent_id as "parentId", o.card, o.expires_at as "expiresAt", o.created_at as "createdAt",
      o.updated_at as "updatedAt"
    from orders o where o.parent_id = ${parentId}
    order by (
      select min(r.position) from orders head,
        jsonb_array_elements(head.details -> 'recipients') with ordinality as r (card, position)
      where head.id = o.parent_id and r.card = o.details -> 'recipients' -> 0), o.id`)
}
