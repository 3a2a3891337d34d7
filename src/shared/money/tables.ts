import { defineEntity, p } from '@mikro-orm/core'
import { statements } from '../db/build.ts'
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

/** The message that shows a payment or an order and is edited as it moves on. */
export interface Card {
  chatId: number
  messageId: number
  /** True = the message is a picture with a caption, which Telegram edits by another method. */
  picture?: boolean
}

export const AssetTable = defineEntity({
  name: 'Asset',
  tableName: 'assets',
  properties: {
    code: p.text().$type<Asset>().primary(),
    scale: p.smallint(),
  },
})

/** A person's balances; triggers move them with the entries. */
export const WalletTable = defineEntity({
  name: 'Wallet',
  tableName: 'wallets',
  properties: {
    personId: p.bigint().primary(),
    asset: p.text().$type<Asset>().primary(),
    available: p.bigint().defaultRaw('0'),
    held: p.bigint().defaultRaw('0'),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
})

/** A balanced set of entries under a unique reference. */
export const PostingTable = defineEntity({
  name: 'Posting',
  tableName: 'postings',
  properties: {
    id: p.bigint().primary().autoincrement(),
    reference: p.text(),
    kind: p.text(),
    description: p.text().default(''),
    bot: p.text().nullable(),
    details: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
    digest: p.text(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
})

/** One line of one account: of a person, or of a system account. */
export const EntryTable = defineEntity({
  name: 'Entry',
  tableName: 'entries',
  properties: {
    id: p.bigint().primary().autoincrement(),
    postingId: p.bigint(),
    personId: p.bigint().nullable(),
    system: p.text().nullable(),
    asset: p.text().$type<Asset>(),
    bucket: p.text().$type<'available' | 'held'>().default('available'),
    amount: p.bigint(),
    balanceAfter: p.bigint().nullable(),
  },
})

/** Money set aside for an order: captured or released, once. */
export const HoldTable = defineEntity({
  name: 'Hold',
  tableName: 'holds',
  properties: {
    reference: p.text().primary(),
    personId: p.bigint(),
    asset: p.text().$type<Asset>(),
    amount: p.bigint(),
    state: p.text().$type<'open' | 'captured' | 'released'>().default('open'),
    expiresAt: p.datetime().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
    settledAt: p.datetime().nullable(),
  },
})

/** Money out for a good; `good` says which worker fulfils it. */
export const OrderTable = defineEntity({
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
export type Order = InferEntity<typeof OrderTable>

/** The story of an order: every move with its time, actor and reason. */
export const OrderEventTable = defineEntity({
  name: 'OrderEvent',
  tableName: 'order_events',
  properties: {
    id: p.bigint().primary().autoincrement(),
    orderId: p.text(),
    at: p.datetime().defaultRaw('now()'),
    fromState: p.text().$type<OrderState>().nullable(),
    toState: p.text().$type<OrderState>(),
    actor: p.text(),
    reason: p.text().default(''),
    details: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
  },
})

/** A call to a supplier that buys something, committed before the call. */
export const AttemptTable = defineEntity({
  name: 'Attempt',
  tableName: 'attempts',
  properties: {
    id: p.bigint().primary().autoincrement(),
    orderId: p.text(),
    number: p.integer(),
    supplier: p.text(),
    state: p.text().$type<'sent' | 'done' | 'refused' | 'unknown'>().default('sent'),
    token: p.text(),
    supplierRef: p.text().nullable(),
    details: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
    cost: p.bigint().nullable(),
    costAsset: p.text().$type<Asset>().nullable(),
  },
})

/** Money in: what was asked for, what is credited for it, and what really came. */
export const PaymentTable = defineEntity({
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
    details: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
    card: p.json<Card>().nullable(),
    expiresAt: p.datetime().nullable(),
    paidAt: p.datetime().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
    /** The part of the money that came which is credited or in suspense, minor units. */
    booked: p.bigint().defaultRaw('0'),
    /** The part of the booked money that waits in suspense until the person accepts it. */
    suspended: p.bigint().defaultRaw('0'),
    suspendedAsset: p.text().$type<Asset>().nullable(),
    /** How often the person has taken what waited. */
    taken: p.integer().default(0),
    nextCheckAt: p.datetime().nullable(),
    checks: p.integer().default(0),
    /** When these Stars were seen in Telegram's own list of transactions. */
    listedAt: p.datetime().nullable(),
  },
})
/** What a payment is read as: the columns by which polls and Telegram's list find it are not among them. */
export type Payment = Omit<InferEntity<typeof PaymentTable>, 'nextCheckAt' | 'checks' | 'listedAt'>

/** An admin's decision that money appears or leaves, with the second yes; without `decidedAt` it waits for that yes. */
export const MoneyDecisionTable = defineEntity({
  name: 'MoneyDecision',
  tableName: 'money_decisions',
  properties: {
    reference: p.text().primary(),
    kind: p.text(),
    bot: p.text(),
    adminId: p.bigint(),
    secondId: p.bigint().nullable(),
    personId: p.bigint().nullable(),
    asset: p.text().$type<Asset>(),
    amount: p.bigint(),
    worth: p.bigint(),
    /** The part of the amount that counts as created from nothing. */
    minted: p.bigint().default(0),
    createdAt: p.datetime().defaultRaw('now()'),
    decidedAt: p.datetime().nullable(),
  },
})

export const moneyTables = [
  AssetTable,
  WalletTable,
  PostingTable,
  EntryTable,
  HoldTable,
  OrderTable,
  OrderEventTable,
  AttemptTable,
  PaymentTable,
  MoneyDecisionTable,
] as const

export const moneySql = statements<(typeof moneyTables)[number]>()
