import { type Money, SCALES } from '#shared/money.ts'
import type { SupplierPrices } from './reseller/misc.ts'
import { resoldGood } from './good.ts'
import type { Goods } from './supplier.ts'
import { divideUp } from './price-list.ts'

/** RUB minor units for one whole TON or USDT. */
export type CoinRates = Partial<Record<'TON' | 'USDT', bigint>>

/**
 * What the goods cost us at the supplier's listed prices.
 * @returns undefined when the list has no price for them
 */
export const supplierCost = (goods: Goods, prices: SupplierPrices): Money | undefined =>
  resoldGood(goods.kind).cost(prices, goods)

/**
 * The cost in kopecks, rounded up.
 * @returns undefined when there is no exchange rate
 */
export function inRub(cost: Money, rates: CoinRates): bigint | undefined {
  const rate = rates[cost.asset as 'TON' | 'USDT']
  return rate === undefined ? undefined : divideUp(cost.amount * rate, 10n ** BigInt(SCALES[cost.asset]))
}
