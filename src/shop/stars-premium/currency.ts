import type { Order } from '#shared/db/entities/trade.ts'
import type { Settings } from '#shared/settings/settings.ts'
import { priceSellRub } from '#shared/settings/economy.ts'
import { saleOf } from './orders.ts'

/** What Stars and Premium can be paid with: roubles on the balance, or tokens at their reference price. */
export type Currency = 'RUB' | 'TOK'

export const isCurrency = (text: string): text is Currency => text === 'RUB' || text === 'TOK'

/** The price of one recipient's goods in this currency, minor units; tokens are rounded up to a whole one. */
export async function payableWith(settings: Settings, order: Order, currency: Currency): Promise<bigint> {
  return inCurrency(settings, order.bot, BigInt(saleOf(order).unitPrice), currency)
}

export async function inCurrency(
  settings: Settings,
  bot: string,
  rub: bigint,
  currency: Currency,
): Promise<bigint> {
  if (currency === 'RUB') return rub
  const token = await settings.get(priceSellRub, bot)
  return (rub + token - 1n) / token
}
