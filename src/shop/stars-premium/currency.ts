import { UserError } from '#shared/errors.ts'

/** The assets with which Stars and Premium can be paid: roubles of the balance, or tokens at their reference price. */
export const CURRENCIES = ['RUB', 'TOK'] as const
export type Currency = (typeof CURRENCIES)[number]

export const isCurrency = (text: string): text is Currency => text === 'RUB' || text === 'TOK'

/**
 * The price in minor units of the currency; tokens are rounded up to a whole one.
 * @throws UserError `sale.below-cost` when a token is worth nothing
 */
export function inCurrency(rub: bigint, token: bigint, currency: Currency): bigint {
  if (currency === 'RUB') return rub
  if (token <= 0n) throw new UserError('sale.below-cost')
  return (rub + token - 1n) / token
}
