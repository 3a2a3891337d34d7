import type { Order } from '#shared/money/tables.ts'
import { ITEM, itemOf } from './good.ts'
import { kindOf } from './kinds/list.ts'
import type { Service } from './service-rows.ts'

/** What an admin can do about somebody's purchase of an item. */
export type ItemAct = 'take' | 'deliver' | 'refuse' | 'give-back' | 'replace'

/** What the buyer, or the next reader of the order, is told by the admin in words. */
export const LONGEST_RESULT = 3_000
export const LONGEST_WHY = 200

/**
 * The acts that fit the order's present state; the functions that carry them out check the state again.
 * @param service its row, where the item is a service
 */
export function itemActs(order: Order, service: Service | undefined): ItemAct[] {
  if (order.good !== ITEM.kind) return []
  if (order.state === 'delivered')
    return ['give-back', ...(kindOf(itemOf(order)).replaceable ? (['replace'] as const) : [])]
  if (!service) return []
  if (order.state === 'reserved') return ['take', 'deliver', 'refuse']
  return order.state === 'fulfilling' ? ['deliver', 'refuse'] : []
}
