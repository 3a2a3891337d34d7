import { z } from 'zod'
import { ASSETS, SCALES, formatAmount, parseAmount } from '../money.ts'
import type { Asset, Money } from '../money.ts'
import type { Config } from '../config/config.ts'
import { defineSetting } from './settings.ts'

/**
 * What one unit of an asset counts in roubles, as a decimal. One for all bots: limits are measured with it, and an owner
 * whose own bot had rates of its own would measure what he gives away with them. Where a deployment has prices (tokens, Stars, TON, USDT)
 * they come from the environment; the others are reference values until an admin sets them.
 */
export const exchangeRates = defineSetting<Record<string, string>>({
  key: 'exchange-rates',
  schema: z.record(
    z.enum(ASSETS as [Asset, ...Asset[]]),
    z.string().regex(/^\d{1,12}(\.\d{1,9})?$/),
  ) as z.ZodType<Record<string, string>>,
  fallback: ({ economy }: Config) => ({
    RUB: '1',
    USD: '80',
    EUR: '93',
    USDT: formatAmount(economy.usdtRub, 'RUB'),
    TON: formatAmount(economy.tonRub, 'RUB'),
    SOL: '11000',
    TOK: formatAmount(economy.priceBuyRub, 'RUB'),
    XTR: economy.starPriceRub,
  }),
})

/** The rates as whole numbers, read once for many totals: nine digits after the point. */
export type ExchangeRates = ReadonlyMap<Asset, bigint>

export function readRates(rates: Record<string, string>): ExchangeRates {
  return new Map(ASSETS.map((one) => [one, parseAmount(rates[one] ?? '0', 'SOL')]))
}

/** Kopecks, whatever the sign, rounded up. An asset without a rate is worth more than any limit. */
export function worthInRub(rates: ExchangeRates, { asset, amount }: Money): bigint {
  const rate = rates.get(asset) ?? 0n
  if (rate === 0n) return 10n ** 18n
  const unit = 10n ** BigInt(SCALES[asset]) * 10_000_000n
  const worth = ((amount < 0n ? -amount : amount) * rate + unit - 1n) / unit
  return worth < 10n ** 18n ? worth : 10n ** 18n
}
