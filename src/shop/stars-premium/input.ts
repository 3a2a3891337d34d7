import { UserError } from '#shared/errors.ts'
import { shorten } from '#shared/storable.ts'

export const MIN_STARS = 50
export const MAX_STARS = 1_000_000
export const PREMIUM_MONTHS = [3, 6, 12] as const
export type Months = (typeof PREMIUM_MONTHS)[number]

/** An order for more people than this is made in several goes: each of them is a lookup and a purchase. */
export const MAX_RECIPIENTS = 10

/**
 * A username as people paste it: "@name", "name", "https://t.me/name", "tg://resolve?domain=name".
 * @returns it without the @
 * @throws UserError `username.letters` (a letter that only looks Latin), `username.spaces`, `username.format`
 */
export function parseUsername(text: string): string {
  const name = text
    .trim()
    .replace(/^tg:\/\/resolve\/?\?domain=/i, '')
    .replace(/^(https?:\/\/)?(www\.)?(t\.me|telegram\.me|telegram\.dog)\//i, '')
    .replace(/^@/, '')
    .replace(/[/?&#].*$/, '')
  const strange = /[^\x20-\x7e\s]/u.exec(name)
  if (strange) throw new UserError('username-letters', { letter: strange[0] })
  if (/\s/.test(name)) throw new UserError('username-spaces')
  // The vendor takes 3 to 32 characters; Telegram's own shortest names have 4.
  if (!/^[a-zA-Z][a-zA-Z0-9_]{2,31}$/.test(name)) throw new UserError('username-format')
  return name
}

/**
 * One or several usernames, parted by commas, semicolons or new lines, or each with its @.
 * @throws UserError as above, `recipients-many`
 */
export function parseUsernames(text: string): string[] {
  const parts = text
    .split(/[,;\n]+|\s+(?=@)/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
  if (parts.length === 0) throw new UserError('username-format')
  if (parts.length > MAX_RECIPIENTS) throw new UserError('recipients-many', { max: MAX_RECIPIENTS })
  const names = new Map<string, string>()
  for (const part of parts) {
    const name = parseUsername(part)
    if (!names.has(name.toLowerCase())) names.set(name.toLowerCase(), name)
  }
  return [...names.values()]
}

/**
 * Plain digits, with spaces between thousands if any. "1e6", "1,000" and words are refused rather than guessed.
 * @throws UserError `stars-number`, `stars-range`
 */
export function parseStars(text: string): number {
  const plain = text.trim()
  if (!/^\d{1,12}$/.test(plain) && !/^\d{1,3}([ \u00a0\u202f]\d{3})+$/.test(plain)) {
    throw new UserError('stars-number', { text: shorten(plain, 20) })
  }
  return checkStars(Number(plain.replace(/\D/g, '')))
}

export function checkStars(quantity: number): number {
  if (Number.isInteger(quantity) && quantity >= MIN_STARS && quantity <= MAX_STARS) return quantity
  throw new UserError('stars-range', { min: MIN_STARS, max: MAX_STARS })
}

/** @throws UserError `premium-months` */
export function checkMonths(months: number): Months {
  if ((PREMIUM_MONTHS as readonly number[]).includes(months)) return months as Months
  throw new UserError('premium-months')
}
