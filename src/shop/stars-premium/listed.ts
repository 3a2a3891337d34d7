import type { Money } from '#shared/money.ts'

/**
 * A quantity that is not listed is priced by the dearer of its two neighbours per unit, so that a discount of the
 * larger one is never assumed.
 */
export function dearestOfNeighbours(
  listed: readonly { quantity: number; price: Money }[],
  quantity: number,
): Money | undefined {
  const lines = listed.toSorted((a, b) => a.quantity - b.quantity)
  const exact = lines.find((line) => line.quantity === quantity)
  if (exact) return exact.price
  const below = lines.findLast((line) => line.quantity < quantity)
  const above = lines.find((line) => line.quantity > quantity)
  const costs = [below, above].flatMap((line) => {
    if (!line) return []
    const { asset, amount } = line.price
    return { asset, amount: divideUp(amount * BigInt(quantity), BigInt(line.quantity)) }
  })
  return costs.toSorted((a, b) => Number(b.amount - a.amount))[0]
}

export function divideUp(amount: bigint, by: bigint): bigint {
  return (amount + by - 1n) / by
}
