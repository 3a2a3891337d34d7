import { dateFormat, pluralRules } from './intl.ts'
import { SCALES, formatAmount } from '../money.ts'
import type { Asset } from '../money.ts'
import { inLanguages, speech } from './languages.ts'
import type { Language } from './languages.ts'
import type { TextParams } from './texts.ts'

const NBSP = '\u00a0'
const SYMBOLS: Partial<Record<Asset, string>> = { RUB: '₽', EUR: '€', USD: '$' }

/** A sum as people read it: «12 345,50 ₽», "₽12,345.50", «5 токенов», "0.5 TON", "10 ⭐". */
export function money(language: Language, amount: bigint, asset: Asset): string {
  if (asset === 'TOK') return `${digits(language, amount, asset)}${NBSP}${tokenWord(language, amount)}`
  if (asset === 'XTR') return `${digits(language, amount, asset)}${NBSP}${currencySign(asset)}`
  const symbol = SYMBOLS[asset]
  if (!symbol) return `${trimmed(formatAmount(amount, asset))}${NBSP}${asset}`
  if (!speech[language].signFirst) return `${digits(language, amount, asset)}${NBSP}${symbol}`
  const sign = amount < 0n ? '−' : ''
  return `${sign}${symbol}${digits(language, amount < 0n ? -amount : amount, asset)}`
}

/** The sum as it stands behind "from": «от 1 токена», not «от 1 токен». */
export function moneyFrom(language: Language, amount: bigint, asset: Asset): string {
  const forms = speech[language].tokenFrom
  if (asset !== 'TOK' || !forms) return money(language, amount, asset)
  return `${digits(language, amount, asset)}${NBSP}${tokenWord(language, amount, forms)}`
}

/** What stands beside a sum: ₽, ⭐; currencies without a sign go by their code. */
export const currencySign = (asset: Asset): string => (asset === 'XTR' ? '⭐' : (SYMBOLS[asset] ?? asset))

/** The sum with a plus or a minus, for lines of a history. */
export function signedMoney(language: Language, amount: bigint, asset: Asset): string {
  return amount > 0n ? `+${money(language, amount, asset)}` : money(language, amount, asset)
}

/** The number without its unit, grouped by thousands; whole roubles without kopecks. */
function digits(language: Language, amount: bigint, asset: Asset): string {
  const [whole = '', fraction = ''] = formatAmount(amount < 0n ? -amount : amount, asset).split('.')
  const { group, point } = speech[language]
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, group)
  const keepFraction = SCALES[asset] > 0 && !/^0*$/.test(fraction)
  const sign = amount < 0n ? '−' : ''
  return keepFraction ? `${sign}${grouped}${point}${fraction}` : sign + grouped
}

function tokenWord(
  language: Language,
  amount: bigint,
  forms: Record<string, string> = speech[language].token,
): string {
  const rule = pluralRules(language).select(Number(amount < 0n ? -amount : amount))
  return forms[rule] ?? forms['other']!
}

function trimmed(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal
}

/**
 * Dates and times are shown in Moscow time, where most readers live, because Telegram tells nobody's zone. In a
 * message Telegram itself can show a time in the reader's zone (`when` of a reader); keys, alerts and files name
 * Moscow's.
 */
const inMoscow = (language: Language, options: Intl.DateTimeFormatOptions) =>
  dateFormat(speech[language].dates, { ...options, timeZone: 'Europe/Moscow' })

/** A date as its readers write it. */
export const day = (language: Language, date: Date): string =>
  inMoscow(language, { dateStyle: 'short' }).format(date)

/** Day and time, for example «21.11, 14:05»; the surrounding text names the zone. */
export const dayAndTime = (language: Language, date: Date): string =>
  inMoscow(language, { day: '2-digit', month: '2-digit', hour: '2-digit', minute: '2-digit' }).format(date)

/** Hour and minute, for example «14:05». */
export const clock = (language: Language, date: Date): string =>
  inMoscow(language, { hour: '2-digit', minute: '2-digit' }).format(date)

export const dayWords = (date: Date): Record<Language, string> =>
  inLanguages((language) => day(language, date))

/** Escapes a text that goes into an HTML message. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

/** Escapes all variables of a text, because names and reasons were written by strangers. */
export const inHtml = (params: TextParams): TextParams =>
  Object.fromEntries(
    Object.entries(params).map(([name, value]) => [
      name,
      typeof value === 'string' ? escapeHtml(value) : value,
    ]),
  )
