import { UserError } from './errors.ts'
import { shorten } from './storable.ts'

/** Digits after the decimal point of each asset. TOK = our tokens, XTR = Telegram Stars. */
export const SCALES = { RUB: 2, EUR: 2, USD: 2, USDT: 6, TON: 9, SOL: 9, TOK: 0, XTR: 0 } as const

export type Asset = keyof typeof SCALES
export const ASSETS = Object.keys(SCALES) as Asset[]

/** Minor units of one asset: 12.50 RUB = { asset: 'RUB', amount: 1250n }. */
export interface Money {
  readonly asset: Asset
  readonly amount: bigint
}

/** One posting never moves more than this many minor units; the database checks the same bound. */
export const MAX_AMOUNT = 10n ** 18n

export function isAsset(text: string): text is Asset {
  return Object.hasOwn(SCALES, text)
}

/**
 * Reads a decimal number as people and providers write it: "10", "-3,5", "1 000.50". Refused are full-width digits,
 * exponents, NaN, signs in the middle, more fraction digits than the asset has, and "1,000", which some people mean as
 * a thousand.
 * @throws UserError `amount.invalid` or `amount.range`
 */
export function parseAmount(text: string, asset: Asset): bigint {
  const plain = text.trim().replace(/(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))/g, '')
  const match = /^([+-]?)(\d{1,24})(?:[.,](\d{1,24}))?$/.exec(plain)
  if (!match) throw new UserError('amount.invalid', { text: shorten(text, 40) })
  // "1,000" is a thousand to some people and one rouble to others, and money must not depend on a guess.
  if (/^[+-]?[1-9]\d{0,2},\d{3}$/.test(plain))
    throw new UserError('amount.invalid', { text: shorten(text, 40) })
  const [, sign, whole = '', fraction = ''] = match
  const scale = SCALES[asset]
  const significant = fraction.replace(/0+$/, '')
  if (significant.length > scale) throw new UserError('amount.invalid', { text: shorten(text, 40) })
  const amount = BigInt(whole + significant.padEnd(scale, '0'))
  if (amount > MAX_AMOUNT) throw new UserError('amount.range', { text: shorten(text, 40) })
  return sign === '-' ? -amount : amount
}

/** A sum of somebody else's in one of our assets; undefined when we do not keep the asset, or not that precisely. */
export function readMoney(amount: string | null | undefined, currency: string | null | undefined) {
  const asset = (currency ?? '').toUpperCase()
  if (amount === null || amount === undefined || !isAsset(asset)) return undefined
  try {
    return { asset, amount: parseAmount(amount, asset) } satisfies Money
  } catch {
    return undefined
  }
}

/**
 * Reads a sum that a person typed. `1.000` is a thousand to some people and one to others; where the asset allows
 * both, the person is asked. For coins with three or more digits after the point the point is a decimal one; a comma
 * is decimal in only half of the world and always asked about.
 * @throws UserError as parseAmount, and `amount.unclear` with both readings as plain numbers
 */
export function readTyped(text: string, asset: Asset): bigint {
  const [typed, sign = '', whole = '', point = '', fraction = ''] =
    /^([+-]?)([1-9]\d{0,2})([.,])(\d{3})$/.exec(text.trim()) ?? []
  if (typed === undefined || (point === '.' && SCALES[asset] >= 3)) return parseAmount(text, asset)
  // Also throws where only "a thousand" would be valid: half a token is a typing mistake and no thousands separator.
  parseAmount(`${whole}.${fraction}`, asset)
  const minus = sign === '-' ? '-' : ''
  throw new UserError('amount.unclear', {
    text: typed,
    small: `${minus}${whole}.${fraction}`.replace(/\.?0+$/, ''),
    large: minus + whole + fraction,
    asset,
  })
}

/**
 * The same where only sums between two limits are taken: of two readings one is mostly below what can be paid, and
 * then nobody is asked.
 */
export function readTypedWithin(text: string, asset: Asset, limits: { min: bigint; max: bigint }): bigint {
  try {
    return readTyped(text, asset)
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'amount.unclear') throw error
    const { small, large } = error.params
    const [possible, other] = [small, large]
      .map((one) => parseAmount(String(one), asset))
      .filter((one) => one >= limits.min && one <= limits.max)
    if (possible === undefined || other !== undefined) throw error
    return possible
  }
}

/** The exact decimal string, as the API and the CSV show it: 1250n RUB -> "12.50". */
export function formatAmount(amount: bigint, asset: Asset): string {
  const scale = SCALES[asset]
  const digits = (amount < 0n ? -amount : amount).toString().padStart(scale + 1, '0')
  const sign = amount < 0n ? '-' : ''
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** amount * numerator / denominator, rounded half up in magnitude: the only rounding in the product. */
export function mulDiv(amount: bigint, numerator: bigint, denominator: bigint): bigint {
  const product = amount * numerator
  const half = denominator / 2n
  return product >= 0n ? (product + half) / denominator : -((-product + half) / denominator)
}
