import { defineEntity, p } from '@mikro-orm/core'
import type { InferEntity } from '@mikro-orm/core'
import type { Asset } from '#shared/money.ts'

export type PaymentState =
  | 'created'
  | 'pending'
  | 'paid'
  | 'overpaid'
  | 'underpaid'
  | 'expired'
  | 'cancelled'
  | 'failed'
  | 'refunded'
  | 'review'

/** The message that shows a payment or an order and is edited as it moves on. */
export interface Card {
  chatId: number
  messageId: number
  /** It is a picture with a caption: its text is edited in another way. */
  picture?: boolean
}

/** Money in: what was asked for, what is credited for it, and what really came. */
export const Payment = defineEntity({
  name: 'Payment',
  tableName: 'payments',
  properties: {
    id: p.text().primary(),
    personId: p.bigint(),
    bot: p.text(),
    provider: p.text(),
    state: p.text().$type<PaymentState>().default('created'),
    asset: p.text().$type<Asset>(),
    amount: p.bigint(),
    creditAsset: p.text().$type<Asset>(),
    creditAmount: p.bigint(),
    receivedAsset: p.text().nullable(),
    receivedAmount: p.text().columnType('numeric').nullable(),
    providerRef: p.text().nullable(),
    orderId: p.text().nullable(),
    /** Of what came, in minor units: credited or in suspense. */
    booked: p.bigint().defaultRaw('0'),
    /** Of that, what waits in suspense for the person to take it. */
    suspended: p.bigint().defaultRaw('0'),
    suspendedAsset: p.text().$type<Asset>().nullable(),
    details: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
    card: p.json<Card>().nullable(),
    expiresAt: p.datetime().nullable(),
    paidAt: p.datetime().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
})
export type Payment = InferEntity<typeof Payment>

export type OrderState =
  | 'draft'
  | 'awaiting_payment'
  | 'reserved'
  | 'fulfilling'
  | 'delivered'
  | 'expired'
  | 'cancelled'
  | 'failed'
  | 'unknown'
  | 'review'
  | 'refunded'

/** Money out for a good; `good` says which worker fulfils it. */
export const Order = defineEntity({
  name: 'Order',
  tableName: 'orders',
  properties: {
    id: p.text().primary(),
    personId: p.bigint(),
    bot: p.text(),
    good: p.text(),
    state: p.text().$type<OrderState>().default('draft'),
    asset: p.text().$type<Asset>(),
    price: p.bigint(),
    details: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
    parentId: p.text().nullable(),
    card: p.json<Card>().nullable(),
    expiresAt: p.datetime().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
})
export type Order = InferEntity<typeof Order>
