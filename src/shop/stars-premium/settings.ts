import { z } from 'zod'
import { starPrice } from '#shared/settings/economy.ts'
import { defineSetting } from '#shared/settings/settings.ts'
import { formatAmount } from '#shared/money.ts'
import { MAX_STARS, MIN_STARS } from './input.ts'
import { FOR_ALL, onScreen } from '#shared/settings/edit.ts'
import type { SettingForm, SettingGroups } from '#shared/settings/edit.ts'

const decimal = z.string().regex(/^\d{1,9}(\.\d{1,6})?$/)

export const starsForSale = defineSetting({
  key: 'stars-for-sale',
  formerly: 'stars.packs',
  schema: z.array(z.number().int().min(MIN_STARS).max(MAX_STARS)).min(1).max(40),
  fallback: (config) => config.economy.starsForSale,
})

/** Months -> roubles as a decimal text. A term without a price is not sold. */
export const premiumPrices = defineSetting({
  key: 'premium-prices',
  formerly: 'premium.prices',
  schema: z.partialRecord(z.enum(['3', '6', '12']), decimal),
  fallback: (config) =>
    Object.fromEntries(
      config.economy.premiumPricesRub.map(({ months, price }) => [months, formatAmount(price, 'RUB')]),
    ),
})

/** Telegram's id of a gift -> roubles as a decimal text. A gift without a price is not sold, and none has one at first. */
export const telegramGiftPrices = defineSetting<Record<string, string>>({
  key: 'telegram-gift-prices',
  schema: z
    .record(z.string().regex(/^\d{1,20}$/), decimal)
    .refine((prices) => Object.keys(prices).length <= 40),
  fallback: () => ({}),
})

/** How a good is bought: through the reseller, or with the bot's own Stars where the recipient knows the bot. */
export const WAYS = ['fragment', 'bot-stars'] as const
export type Way = (typeof WAYS)[number]

/** How Premium is bought. */
export const premiumWay = defineSetting({
  key: 'premium-way',
  formerly: 'premium.way',
  schema: z.enum(WAYS),
  fallback: () => 'fragment' as const,
})

/** Roubles for one whole coin, used to compare the reseller's prices with ours. */
export const coinRates = defineSetting({
  key: 'coin-rates',
  formerly: 'fragment.rates',
  schema: z.object({ TON: decimal, USDT: decimal }),
  fallback: (config) => ({
    TON: formatAmount(config.economy.tonRub, 'RUB'),
    USDT: formatAmount(config.economy.usdtRub, 'RUB'),
  }),
})

/** How the reseller is used. Amounts are whole coins of `currency` as decimal texts. */
export const resellerTerms = defineSetting({
  key: 'fragment-terms',
  formerly: 'fragment.terms',
  schema: z.object({
    currency: z.enum(['ton', 'usdt_ton']),
    /** Below this balance the admins are told. */
    warnBalance: decimal,
    /** Below this balance nothing is sold. */
    stopBalance: decimal,
    /** Whether to sell while the reseller names no price, although a loss would then stay unseen. */
    sellWithoutCost: z.boolean(),
    walletVersion: z.string().min(1).max(20),
  }),
  fallback: () => ({
    currency: 'ton' as const,
    warnBalance: '50',
    stopBalance: '5',
    sellWithoutCost: false,
    walletVersion: 'V4R2',
  }),
})

/** A star's price has fractions of a kopeck (1.755). */
const starPriceForm: SettingForm = {
  kind: 'own',
  name: 'decimal',
  read: (text) => text.replace(',', '.'),
  write: (value: string) => value,
}

/** Each term by its name; all must be typed. */
const termsForm: SettingForm = {
  kind: 'own',
  name: 'terms',
  read(text) {
    const named = text.split(/[;\n]+|,\s+/).map((part) => part.trim().split(/\s+/))
    return Object.fromEntries(
      named.map(([name = '', word = '']) => [name, name === 'sellWithoutCost' ? BY_WORD[word] : word]),
    )
  },
  write: (terms: object) =>
    Object.entries(terms)
      .map(([name, value]) => `${name} ${typeof value === 'boolean' ? (value ? '✓' : '—') : String(value)}`)
      .join(', '),
}
const BY_WORD: Record<string, boolean> = { '✓': true, true: true, '—': false, false: false }

/** The settings of this file, by the group of the admin panel that shows them. */
export const starsPremiumSettings: SettingGroups = {
  stars: [
    onScreen(starPrice, 'fadmin-prices', undefined, starPriceForm),
    onScreen(starsForSale, 'fadmin-prices', undefined, { kind: 'integers' }),
    onScreen(premiumPrices, 'fadmin-prices', undefined, { kind: 'pairs', as: 'sums' }),
    onScreen(telegramGiftPrices, 'fadmin-prices', undefined, { kind: 'pairs', as: 'sums' }),
    onScreen(premiumWay, 'fadmin-prices', undefined, { kind: 'choice', options: WAYS }),
    onScreen(coinRates, 'fadmin-prices', FOR_ALL, { kind: 'pairs', as: 'sums' }),
    onScreen(resellerTerms, 'fadmin-prices', FOR_ALL, termsForm),
  ],
}
