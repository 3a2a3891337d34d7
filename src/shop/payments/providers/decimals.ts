import {
  type Asset,
  MAX_AMOUNT,
  type Money,
  formatAmount,
  isAsset,
  mulDiv,
  parseAmount,
  SCALES,
} from '#shared/money.ts'
import type { Reading, ReadingState } from './port.ts'

/**
 * Providers write sums as decimal text with any number of digits. A share of two such sums is counted with 18 of them.
 */
const DIGITS = 18

/** Like `readMoney`, but a sum of a coin with more digits than we keep is cut down to our smallest unit. */
export function readMoneyDown(amount: string, currency: string): Money | undefined {
  const asset = currency.toUpperCase()
  const exact = readDecimal(amount)
  if (exact === undefined || !isAsset(asset)) return undefined
  return withinBooks({ asset, amount: exact / 10n ** BigInt(DIGITS - SCALES[asset]) })
}

/** `whole` * part / total, for "half of the coins came, so half of the invoice came". */
export function shareOf(whole: Money, part: string, total: string): Money | undefined {
  const numerator = readDecimal(part)
  const denominator = readDecimal(total)
  if (numerator === undefined || denominator === undefined || denominator <= 0n) return undefined
  return withinBooks({ asset: whole.asset, amount: mulDiv(whole.amount, numerator, denominator) })
}

/** A sum that no posting may move counts as one that was not said: an admin looks at it, and nothing fails for ever. */
const withinBooks = (sum: Money): Money | undefined => (sum.amount <= MAX_AMOUNT ? sum : undefined)

/** The smallest and the largest sum of an invoice in this currency, from decimal text to minor units. */
export function limit(asset: Asset, min: string, max: string) {
  return { [asset]: { min: parseAmount(min, asset), max: parseAmount(max, asset) } }
}

function readDecimal(text: string): bigint | undefined {
  const match = /^(\d{1,20})(?:\.(\d{1,30}))?$/.exec(text)
  if (!match) return undefined
  return BigInt((match[1] ?? '') + (match[2] ?? '').slice(0, DIGITS).padEnd(DIGITS, '0'))
}

/** The provider's word, and the part of what was paid that was given back since: each further part is news of its own. */
export const saidOf = (
  state: ReadingState,
  word: string,
  back: Money | undefined,
): Pick<Reading, 'status' | 'partBack'> =>
  state === 'paid' && back && back.amount > 0n
    ? { status: `${word}, -${formatAmount(back.amount, back.asset)}`, partBack: true }
    : { status: word }
