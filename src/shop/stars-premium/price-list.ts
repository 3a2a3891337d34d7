import type { Money } from '#shared/money.ts'

/**
 * A quantity without a listed price is priced like the neighbour with the higher price per unit, so that no discount
 * of a larger pack is assumed.
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
