import { starsPremiumSql } from './tables.ts'
import { UserError } from '#shared/errors.ts'
import type { Sql } from '#shared/db/db.ts'
import type { Settings } from '#shared/settings/settings.ts'
import {
  priceBuyRub,
  priceSellRub,
  referralPercents,
  starPrice,
  starsPerToken,
} from '#shared/settings/economy.ts'
import type { Economy } from '#shared/settings/economy.ts'
import { sharesCausedBy } from '#shop/loyalty/referrals/rewards.ts'
import { resoldGood } from './good.ts'
import { leftOver } from './margin.ts'
import type { Sale } from './margin.ts'
import type { Way } from './settings.ts'
import { inCurrency } from './currency.ts'
import type { Currency } from './currency.ts'

/** The price of one recipient's goods, and how much of it may come back as discounts: minor units of a currency. */
export interface Payable {
  unit: bigint
  mostBack: bigint
}

/**
 * What one recipient's goods cost this buyer in a currency.
 * @param sale.price RUB minor units
 * @param agreed the price in this currency to which the buyer has said yes before: it does not follow the price of a token
 * @throws UserError `sale.below-cost` when they would bring less than they cost, with every share that the sale causes
 */
export async function payableWith(
  context: { db: Sql; settings: Settings },
  sale: Omit<Sale, 'currency' | 'paid'> & {
    price: bigint
    way: Way
    bot: string
    personId: bigint
  },
  currency: Currency,
  agreed?: bigint,
): Promise<Payable> {
  const economy = await readEconomy(context, sale.bot)
  const unit = agreed ?? inCurrency(sale.price, economy.priceSellRub, currency)
  // The bot's own Stars have no price in roubles; whether the price pays is the admin's decision. Tokens must still cost
  // what they bring.
  const isOwn = sale.way === 'bot-stars'
  if (isOwn && !resoldGood(sale.goods.kind).spendable) return { unit, mostBack: 0n }
  const shares = await sharesCausedBy(context.db, sale.personId, economy.referralPercents)
  const mostBack = leftOver({ ...sale, currency, paid: unit }, economy, BigInt(shares))
  if (mostBack < 0n) throw new UserError('sale.below-cost')
  return { unit, mostBack: isOwn ? 0n : mostBack }
}

/**
 * Reads prices, with the price of a token where it is cheapest: a token that is bought in one bot can be spent in
 * another.
 */
async function readEconomy({ db, settings }: { db: Sql; settings: Settings }, bot: string): Promise<Economy> {
  const set = await db.rows(
    starsPremiumSql
      .selectFrom('settings')
      .select('bot')
      .where('key', 'in', [starsPerToken.key, priceBuyRub.key]),
  )
  const bots = [...new Set(['', ...set.map((one) => one.bot)])]
  const stars = await Promise.all(bots.map((one) => settings.get(starsPerToken, one)))
  const roubles = await Promise.all(bots.map((one) => settings.get(priceBuyRub, one)))
  return {
    starsPerToken: Math.min(...stars),
    priceBuyRub: roubles.reduce((least, one) => (one < least ? one : least)),
    priceSellRub: await settings.get(priceSellRub, bot),
    starPrice: await settings.get(starPrice, bot),
    referralPercents: await settings.get(referralPercents),
  }
}
