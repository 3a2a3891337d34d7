import { defineEntity, p } from '@mikro-orm/core'
import { statements } from '#shared/db/build.ts'
import type { Asset } from '#shared/money.ts'
import type { moneyTables } from '#shared/money/tables.ts'
import type { queueTables } from '#shared/queue/tables.ts'
import type { sharedTables } from '#shared/tables.ts'
import type { telegramTables } from '#shared/telegram/tables.ts'
import type { loyaltyTables } from '#shop/loyalty/tables.ts'
import type { paymentsTables } from '#shop/payments/tables.ts'
import type { What } from './totals.ts'

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

export const adminTables = [AdjustmentTable, DailyTotalTable, CountedDayTable] as const

type Tables =
  | (typeof adminTables)[number]
  | (typeof moneyTables)[number]
  | (typeof queueTables)[number]
  | (typeof sharedTables)[number]
  | (typeof telegramTables)[number]
  | (typeof loyaltyTables)[number]
  | (typeof paymentsTables)[number]

/** Admins read rows of several rooms; those that the admin room writes are its own, bots, bans and dead letters. */
export const adminSql = statements<Tables>()
