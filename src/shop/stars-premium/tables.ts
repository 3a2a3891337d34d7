import { defineEntity, p } from '@mikro-orm/core'
import { roomStatements } from '#shared/common-tables.ts'
import type { Asset } from '#shared/money.ts'

export const PremiumActivationTable = defineEntity({
  name: 'PremiumActivation',
  tableName: 'premium_activations',
  properties: {
    orderId: p.text().primary(),
    personId: p.bigint(),
    recipient: p.text(),
    months: p.integer().$type<3 | 6 | 12>(),
    startsAt: p.datetime(),
    endsAt: p.datetime(),
    remindedAt: p.datetime().nullable(),
  },
})

/** Why nothing of the reseller is sold now. */
export const SaleStopTable = defineEntity({
  name: 'SaleStop',
  tableName: 'sale_stops',
  properties: {
    reason: p.text().primary(),
    details: p.text().default(''),
    since: p.datetime().defaultRaw('now()'),
    until: p.datetime().nullable(),
    updatedBy: p.bigint().nullable(),
  },
})

/** A price list as it is kept: minor units as text. */
export interface KeptPrices {
  stars: KeptPrice[]
  premium: KeptPrice[]
}
export interface KeptPrice {
  quantity?: number
  months?: number
  asset: Asset
  amount: string
}

export const SupplierPriceTable = defineEntity({
  name: 'SupplierPrice',
  tableName: 'supplier_prices',
  properties: {
    supplier: p.text().primary(),
    prices: p.json<KeptPrices>(),
    readAt: p.datetime().defaultRaw('now()'),
  },
})

export const WalletReadingTable = defineEntity({
  name: 'WalletReading',
  tableName: 'wallet_readings',
  properties: {
    id: p.bigint().primary().autoincrement(),
    supplier: p.text(),
    asset: p.text().$type<Asset>(),
    balance: p.bigint(),
    quiet: p.boolean(),
    at: p.datetime().defaultRaw('now()'),
  },
})

export const OrderDecisionTable = defineEntity({
  name: 'OrderDecision',
  tableName: 'order_decisions',
  properties: {
    id: p.text().primary(),
    orderId: p.text(),
    decision: p.text().$type<'delivered' | 'failed' | 'retry' | 'refund'>(),
    state: p.text().$type<'asked' | 'done' | 'refused'>().default('asked'),
    adminId: p.bigint(),
    bot: p.text(),
    reason: p.text(),
    attempt: p.integer().nullable(),
    outcome: p.text().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
})

export const starsPremiumTables = [
  OrderDecisionTable,
  PremiumActivationTable,
  SaleStopTable,
  SupplierPriceTable,
  WalletReadingTable,
] as const

/** The room's own tables, with the orders, attempts, jobs and people that its statements read besides. */
export const starsPremiumSql = roomStatements<(typeof starsPremiumTables)[number]>()
