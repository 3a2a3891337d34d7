import { z } from 'zod'
import type { Balance } from '#shared/money/read.ts'
import { ASSETS, SCALES, mulDiv } from '#shared/money.ts'
import type { Asset } from '#shared/money.ts'
import { defineSetting } from '#shared/settings/settings.ts'
import { exchangeRates } from '#shared/settings/rates.ts'
import type { ExchangeRates } from '#shared/settings/rates.ts'
import { FOR_ALL, typed } from '#shared/settings/edit.ts'
import type { SettingGroups } from '#shared/settings/edit.ts'

const asset = z.enum(ASSETS as [Asset, ...Asset[]])

/** The currency in which the API shows the sum of a wallet. Only the shown figure is converted. */
export const displayCurrency = defineSetting<Asset>({
  key: 'display-currency',
  schema: asset,
  fallback: () => 'RUB',
})

/**
 * Adds up a wallet, available and held, in one currency.
 * @returns minor units, rounded once for each asset
 */
export function totalIn(currency: Asset, rates: ExchangeRates, wallet: readonly Balance[]): bigint {
  const target = rates.get(currency) ?? 0n
  if (target === 0n) return 0n
  return wallet.reduce((sum, { asset: one, available, held }) => {
    if (one === currency) return sum + available + held
    const numerator = (rates.get(one) ?? 0n) * UNITS[currency]
    return sum + mulDiv(available + held, numerator, target * UNITS[one])
  }, 0n)
}

/** How many minor units one whole unit of each asset has. */
const UNITS = Object.fromEntries(ASSETS.map((one) => [one, 10n ** BigInt(SCALES[one])])) as Record<
  Asset,
  bigint
>

/** The settings of this file, by the group of the admin panel that shows them. */
export const exchangeSettings: SettingGroups = {
  tokens: [
    typed(displayCurrency, { kind: 'choice', options: ASSETS }),
    typed(exchangeRates, { kind: 'pairs', as: 'decimals' }, FOR_ALL),
  ],
}
