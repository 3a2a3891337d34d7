import { UserError } from '#shared/errors.ts'
import { mulDiv, parseAmount } from '#shared/money.ts'
import type { Money } from '#shared/money.ts'
import type { SupplierPrices } from './reseller/misc.ts'
import type { Goods } from './supplier.ts'
import type { Settings } from '#shared/settings/settings.ts'
import { inRub, supplierCost } from './cost.ts'
import { checkMonths, checkStars } from './input.ts'
import { coinRates, fragmentTerms, premiumPrices, premiumWay, starPrice } from './settings.ts'

export type Way = 'fragment' | 'bot-stars'

/** The price of one recipient's goods, and what they cost us as far as we know. */
export interface Quote {
  goods: Goods
  /** RUB minor units. */
  price: bigint
  way: Way
  cost: Money | undefined
  /** RUB minor units. */
  costRub: bigint | undefined
}

/**
 * Prices the goods for this bot and refuses what would be sold below cost.
 * @throws UserError `sale-below-cost`, `sale-cost-unknown`, `premium-months`, `stars-range`
 */
export async function quote(
  settings: Settings,
  prices: SupplierPrices | undefined,
  bot: string,
  goods: Goods,
): Promise<Quote> {
  const price = await salePrice(settings, bot, goods)
  const way = goods.kind === 'premium' ? await settings.get(premiumWay, bot) : 'fragment'
  // The bot's own Stars have no price in roubles; they are the admin's decision.
  if (way === 'bot-stars') return { goods, price, way, cost: undefined, costRub: undefined }
  const cost = prices && supplierCost(goods, prices)
  const rates = await settings.get(coinRates)
  const costRub =
    cost && inRub(cost, { TON: parseAmount(rates.TON, 'RUB'), USDT: parseAmount(rates.USDT, 'RUB') })
  if (costRub === undefined && !(await settings.get(fragmentTerms)).sellWithoutCost) {
    throw new UserError('sale-cost-unknown')
  }
  if (costRub !== undefined && costRub > price) throw new UserError('sale-below-cost')
  return { goods, price, way, cost, costRub }
}

/** RUB minor units, rounded half up. */
export async function salePrice(settings: Settings, bot: string, goods: Goods): Promise<bigint> {
  if (goods.kind === 'premium') {
    const text = (await settings.get(premiumPrices, bot))[String(checkMonths(goods.months)) as '3']
    if (text === undefined) throw new UserError('premium-months')
    return parseAmount(text, 'RUB')
  }
  const [whole = '', fraction = ''] = (await settings.get(starPrice, bot)).split('.')
  // Kopecks for one star may have fractions of their own: 1.755 RUB = 1755 / 10.
  const digits = BigInt(whole + fraction)
  return mulDiv(digits * 100n * BigInt(checkStars(goods.quantity)), 1n, 10n ** BigInt(fraction.length))
}
