import { UserError } from '#shared/errors.ts'
import { shorten } from '#shared/storable.ts'

export const MIN_STARS = 50
export const MAX_STARS = 1_000_000
export const PREMIUM_MONTHS = [3, 6, 12] as const
export type Months = (typeof PREMIUM_MONTHS)[number]

/**
 * The most recipients of one order; for more people several orders are made, because each recipient is a look-up and a
 * purchase.
 */
export const MAX_RECIPIENTS = 10

const HOSTS = '(?:t\\.me|telegram\\.me|telegram\\.dog)'
const NAME_AS_HOST = new RegExp(`^(?:https?://)?([a-z][a-z0-9_]{2,31})\\.${HOSTS}(?:[/?#].*)?$`, 'i')
const LINK = new RegExp(`^(?:https?://)?(?:www\\.)?${HOSTS}/`, 'i')
/** First parts of Telegram links that do not lead to a person (core.telegram.org/api/links). */
const ROUTES = new Set(
  `addemoji addlist addstickers addtheme bg boost c call confirmphone contact giftcode invoice iv joinchat login m
   nft proxy s setlanguage share socks`.split(/\s+/),
)

/**
 * A username as people paste it: "@name", "name", "https://t.me/name", "https://name.t.me",
 * "tg://resolve?domain=name".
 * @returns it without the @
 * @throws UserError `username.letters` (a letter that only looks Latin), `username.invisible`, `username.spaces`,
 * `username.link` (a link of Telegram's that names nobody), `username.format`
 */
export function parseUsername(text: string): string {
  const plain = text.trim()
  const isLink = LINK.test(plain)
  const path = (NAME_AS_HOST.exec(plain)?.[1] ?? plain)
    .replace(/^tg:\/\/resolve\/?\?domain=/i, '')
    .replace(LINK, '')
  const name = path.replace(/^@/, '').replace(/[/?&#].*$/, '')
  // `t.me/+...` invites to a group, and `t.me/s/name` shows the posts of a channel.
  if ((isLink && (path.startsWith('+') || ROUTES.has(name.toLowerCase()))) || /^tg:\/\//i.test(path))
    throw new UserError('username.link')
  const strange = /[^\x20-\x7e\s]/u.exec(name)?.[0]
  if (strange) {
    // An invisible character cannot be shown to the person, so its place in the name is told.
    const isSeen = /[\p{L}\p{N}\p{P}\p{S}]/u.test(strange)
    throw isSeen
      ? new UserError('username.letters', { letter: strange })
      : new UserError('username.invisible', { place: name.indexOf(strange) + 1 })
  }
  if (/\s/.test(name)) throw new UserError('username.spaces')
  // The vendor accepts 3 to 32 characters; Telegram's shortest names have 4.
  if (!/^[a-zA-Z][a-zA-Z0-9_]{2,31}$/.test(name)) throw new UserError('username.format')
  return name
}

/**
 * One or several usernames, parted by commas, semicolons or new lines, or each with its @.
 * @throws UserError as above, `recipients.many`
 */
export function parseUsernames(text: string): string[] {
  const parts = text
    .split(/[,;\n]+|\s+(?=@)/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
  if (parts.length === 0) throw new UserError('username.format')
  if (parts.length > MAX_RECIPIENTS) throw new UserError('recipients.many', { max: MAX_RECIPIENTS })
  const names = new Map<string, string>()
  for (const part of parts) {
    const name = parseUsername(part)
    if (!names.has(name.toLowerCase())) names.set(name.toLowerCase(), name)
  }
  return [...names.values()]
}

/**
 * Plain digits, with spaces between thousands if any. "1e6", "1,000" and words are refused rather than guessed.
 * @throws UserError `stars.number`, `stars.range`
 */
export function parseStars(text: string): number {
  const plain = text.trim()
  if (!/^\d{1,12}$/.test(plain) && !/^\d{1,3}([ \u00a0\u202f]\d{3})+$/.test(plain)) {
    throw new UserError('stars.number', { text: shorten(plain, 20) })
  }
  return checkStars(Number(plain.replace(/\D/g, '')))
}

export function checkStars(quantity: number): number {
  if (Number.isInteger(quantity) && quantity >= MIN_STARS && quantity <= MAX_STARS) return quantity
  throw new UserError('stars.range', { min: MIN_STARS, max: MAX_STARS })
}

/** @throws UserError `premium.months` */
export function checkMonths(months: number): Months {
  if ((PREMIUM_MONTHS as readonly number[]).includes(months)) return months as Months
  throw new UserError('premium.months')
}
