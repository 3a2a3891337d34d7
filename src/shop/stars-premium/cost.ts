import { type Money, SCALES } from '#shared/money.ts'
import type { SupplierPrices } from './reseller/misc.ts'
import type { Goods } from './supplier.ts'

/** RUB minor units for one whole TON or USDT. */
export type Rates = Partial<Record<'TON' | 'USDT', bigint>>

/**
 * What the goods cost us at the supplier's listed prices. A quantity that is not listed is priced by the dearer of
 * its two neighbours per star, so that a discount of the larger one is never assumed.
 * @returns undefined when the list does not say
 */
export function supplierCost(goods: Goods, prices: SupplierPrices): Money | undefined {
  if (goods.kind === 'premium') return prices.premium.find((line) => line.months === goods.months)?.price
  const lines = prices.stars.toSorted((a, b) => a.quantity - b.quantity)
  const exact = lines.find((line) => line.quantity === goods.quantity)
  if (exact) return exact.price
  const below = lines.findLast((line) => line.quantity < goods.quantity)
  const above = lines.find((line) => line.quantity > goods.quantity)
  const costs = [below, above].flatMap((line) => {
    if (!line) return []
    const { asset, amount } = line.price
    return { asset, amount: divideUp(amount * BigInt(goods.quantity), BigInt(line.quantity)) }
  })
  return costs.toSorted((a, b) => Number(b.amount - a.amount))[0]
}

/** Rounded up to the kopeck. @returns undefined when there is no rate */
export function inRub(cost: Money, rates: Rates): bigint | undefined {
  const rate = rates[cost.asset as 'TON' | 'USDT']
  return rate === undefined ? undefined : divideUp(cost.amount * rate, 10n ** BigInt(SCALES[cost.asset]))
}

function divideUp(amount: bigint, by: bigint): bigint {
  return (amount + by - 1n) / by
}
