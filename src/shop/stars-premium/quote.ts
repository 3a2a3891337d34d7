import { UserError } from '#shared/errors.ts'
import { parseAmount } from '#shared/money.ts'
import type { Money } from '#shared/money.ts'
import type { SupplierPrices } from './reseller/misc.ts'
import type { Goods } from './supplier.ts'
import type { Settings } from '#shared/settings/settings.ts'
import { inRub, supplierCost } from './cost.ts'
import { resoldGood } from './good.ts'
import type { Way } from './settings.ts'
import { coinRates, resellerTerms } from './settings.ts'

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
 * @throws UserError `sale.below-cost`, `sale.cost-unknown`, `premium.months`, `stars.range`
 */
export async function quote(
  settings: Settings,
  prices: SupplierPrices | undefined,
  bot: string,
  goods: Goods,
): Promise<Quote> {
  const price = await salePrice(settings, bot, goods)
  const way = await resoldGood(goods.kind).way(settings, bot)
  // The bot's own Stars have no price in roubles; whether the price pays is the admin's decision.
  if (way === 'bot-stars') return { goods, price, way, cost: undefined, costRub: undefined }
  const cost = prices && supplierCost(goods, prices)
  const rates = await settings.get(coinRates)
  const costRub =
    cost && inRub(cost, { TON: parseAmount(rates.TON, 'RUB'), USDT: parseAmount(rates.USDT, 'RUB') })
  if (costRub === undefined && !(await settings.get(resellerTerms)).sellWithoutCost) {
    throw new UserError('sale.cost-unknown')
  }
  if (costRub !== undefined && costRub > price) throw new UserError('sale.below-cost')
  return { goods, price, way, cost, costRub }
}

/** RUB minor units. */
export const salePrice = (settings: Settings, bot: string, goods: Goods): Promise<bigint> =>
  resoldGood(goods.kind).price(settings, bot, goods)
