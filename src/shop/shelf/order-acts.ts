import type { Sql } from '#shared/db/db.ts'
import type { Order } from '#shared/money/tables.ts'
import { ITEM, itemOf } from './good.ts'
import { kindOf } from './kinds/list.ts'
import { readService } from './service-rows.ts'

/** What an admin can do about somebody's purchase of an item. */
export type ItemAct = 'take' | 'deliver' | 'refuse' | 'give-back' | 'replace'

/** What the buyer, or the next reader of the order, is told by the admin in words. */
export const LONGEST_RESULT = 3_000
export const LONGEST_WHY = 200

/** The acts that fit the order's present state; the functions that carry them out check the state again. */
export async function itemActs(sql: Sql, order: Order): Promise<ItemAct[]> {
  if (order.good !== ITEM.kind) return []
  if (order.state === 'delivered')
    return ['give-back', ...(kindOf(itemOf(order)).replaceable ? (['replace'] as const) : [])]
  if (!(await readService(sql, order.id))) return []
  if (order.state === 'reserved') return ['take', 'deliver', 'refuse']
  return order.state === 'fulfilling' ? ['deliver', 'refuse'] : []
}
