import { idFrom } from '#shared/ids.ts'
import type { Order } from '#shared/money/tables.ts'
import { itemOf } from './good.ts'
import { priceIn } from './items.ts'
import { kindOf } from './kinds/list.ts'
import type { Item } from './tables.ts'

/* What a buyer agrees to when they press the key of an item, and what their order keeps of it. */

/**
 * A short hash of the price and of the time that a person saw, because a key has no room for them. Two prices of an item
 * have the same hash with a probability of 1 in 2^20.
 * @param roubles kopecks of the balance that buy missing tokens
 */
export function itemTerms(item: Item, bot: string, roubles: bigint): string {
  const promise = kindOf(item).promise?.(item)
  const words = promise ? [JSON.stringify(promise)] : []
  return idFrom('item-terms', item.id, item.asset, priceIn(item, bot), roubles, ...words).slice(0, 4)
}

/** The item as the order promised it, whatever its owner has made of it since. */
export function asOrdered(item: Item, order: Pick<Order, 'details'>): Item {
  const { promise } = itemOf(order)
  return promise ? { ...item, terms: { ...item.terms, ...promise } } : item
}
