import { defineEntity, p } from '@mikro-orm/core'
import { roomStatements } from '#shared/common-tables.ts'
import type { Asset } from '#shared/money.ts'
import type { loyaltyTables } from '#shop/loyalty/tables.ts'
import type { paymentsTables } from '#shop/payments/tables.ts'

export const AdjustmentTable = defineEntity({
  name: 'Adjustment',
  tableName: 'adjustments',
  properties: {
    id: p.text().primary(),
    bot: p.text(),
    personId: p.bigint(),
    asset: p.text().$type<Asset>(),
    amount: p.bigint(),
    reason: p.text().default(''),
    state: p.text().$type<'draft' | 'waiting' | 'done' | 'declined'>().default('draft'),
    createdBy: p.bigint(),
    decidedBy: p.bigint().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
})

/**
 * revenue: minor units credited, by asset; ways: the same by provider and asset; goods: minor units that people spent, by
 * good and asset; came: newcomers; paid: those of them who have paid since; sales: how many, by good; bills: how many
 * payments, by credited asset; bought, again: newcomers who have bought since, and bought once more; kept: newcomers who
 * bought in a week after they came, by its number; sources: newcomers by the tag of their link; brought: minor units
 * credited, by tag and asset; margins: minor units of orders whose cost is known, by good and asset, and as the asset
 * `cost` the kopecks that the supplier asked for them.
 */
export const WHATS = [
  ...(['revenue', 'ways', 'goods', 'came', 'paid', 'sales', 'bills', 'bought', 'again', 'kept'] as const),
  ...(['sources', 'brought', 'margins'] as const),
] as const
export type What = (typeof WHATS)[number]

/** What came in as it was paid, what went back of it, and the prices of what was delivered. */
export const MOVES = ['in', 'back', 'sold'] as const
export type MoneyMove = (typeof MOVES)[number]

export const DailyTotalTable = defineEntity({
  name: 'DailyTotal',
  tableName: 'daily_totals',
  properties: {
    bot: p.text().primary(),
    what: p.text().primary().$type<What>(),
    day: p.date().primary(),
    part: p.text().primary(),
    value: p.bigint(),
  },
})

export const CountedDayTable = defineEntity({
  name: 'CountedDay',
  tableName: 'counted_days',
  properties: { day: p.date().primary(), countedAt: p.datetime().defaultRaw('now()') },
})

/** The same of the hours of the last days, and what moved in them (`MoneyMove`), which the first page adds up. */
export const HourlyTotalTable = defineEntity({
  name: 'HourlyTotal',
  tableName: 'hourly_totals',
  properties: {
    bot: p.text().primary(),
    what: p.text().primary().$type<What | MoneyMove>(),
    hour: p.datetime().primary(),
    part: p.text().primary(),
    value: p.bigint(),
  },
})

export const CountedHourTable = defineEntity({
  name: 'CountedHour',
  tableName: 'counted_hours',
  properties: { hour: p.datetime().primary(), countedAt: p.datetime().defaultRaw('now()') },
})

export const adminTables = [
  AdjustmentTable,
  DailyTotalTable,
  CountedDayTable,
  HourlyTotalTable,
  CountedHourTable,
] as const

/** The tables that admins read besides those that every role knows. */
export type ReadByAdmins =
  (typeof adminTables)[number] | (typeof loyaltyTables)[number] | (typeof paymentsTables)[number]

/** Statements over the tables that admins read. The admin room itself writes bots, bans and dead letters. */
export const adminSql = roomStatements<ReadByAdmins>()
