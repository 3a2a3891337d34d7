import { defineEntity, p } from '@mikro-orm/core'
import type { Asset } from '#shared/money.ts'

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

export const adminTables = [AdjustmentTable] as const
