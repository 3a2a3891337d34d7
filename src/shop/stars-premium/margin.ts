import { UserError } from '#shared/errors.ts'
import { kopecksPerStar, sharesOf } from '#shared/settings/economy.ts'
import type { Economy } from '#shared/settings/economy.ts'
import { resoldGood } from './good.ts'
import { divideUp } from './price-list.ts'
import type { Currency } from './currency.ts'
import type { Goods } from './supplier.ts'

/** One recipient's goods with their price and their cost for us. */
export interface Sale {
  goods: Goods
  currency: Currency
  /** Minor units of the currency. */
  paid: bigint
  /** Kopecks; undefined = the supplier does not say. */
  costRub: bigint | undefined
}

/**
 * What a sale leaves when the goods and the inviters' shares of the payments behind it are paid for, in minor units of
 * its currency: so much of the price may come back as discounts. Below zero the sale is a loss.
 *
 * Stars are money: whoever has them buys tokens for them again. So Stars that are sold for tokens cost at least the
 * tokens that they bring, whatever the supplier takes, with every share that this payment will cause.
 * @param shares per cent that the inviters of this buyer get; of Stars that come back anybody may be the payer
 */
export function leftOver(sale: Sale, economy: Economy, shares: bigint): bigint {
  const whole = 100n + shares
  if (sale.currency === 'RUB') return sale.costRub === undefined ? 0n : sale.paid - share(sale.costRub, whole)
  const worth = tokenWorth(economy)
  const supply =
    sale.costRub === undefined ? sale.paid : divideUp(sale.costRub * whole * worth.d, 100n * worth.n)
  const stars = resoldGood(sale.goods.kind).spendable?.(sale.goods) ?? 0
  const shared = 100n + sharesOf(economy.referralPercents)
  const again = divideUp(BigInt(stars) * shared, 100n * BigInt(economy.starsPerToken))
  return sale.paid - (supply > again ? supply : again)
}

const share = (amount: bigint, percent: bigint): bigint => divideUp(amount * percent, 100n)

/**
 * Kopecks that a token has brought: no more than people pay for it, by hand or in Stars at our own price of a Star.
 * @throws UserError `sale.below-cost` when tokens are given away
 */
function tokenWorth(economy: Economy): { n: bigint; d: bigint } {
  const { priceBuyRub, priceSellRub, starsPerToken } = economy
  const star = kopecksPerStar(economy.starPrice)
  const least = priceBuyRub < priceSellRub ? priceBuyRub : priceSellRub
  const inStars = { n: star.n * BigInt(starsPerToken), d: star.d }
  const worth = inStars.n < least * inStars.d ? inStars : { n: least, d: 1n }
  if (worth.n <= 0n) throw new UserError('sale.below-cost')
  return worth
}
