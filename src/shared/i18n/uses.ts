import { readHtml } from './html.ts'
import { LANGUAGES } from './languages.ts'
import type { Texts } from './texts.ts'

/** The kind of place where a text is shown; admins read its name as the text `text-place-<use>`. */
export type TextUse =
  | 'message'
  | 'caption'
  | 'key'
  | 'alert'
  | 'error'
  | 'checkout'
  | 'invoice'
  | 'command'
  | 'about'
  | 'short'
  | 'inline'

/**
 * The limit of each place, in characters as people see them, and whether the place takes HTML. Telegram refuses a
 * message, caption, menu or invoice that is too long; a key is cut by the phone, and an alert by our own code.
 * Messages and captions are made of several texts, so one text may have less than all of the 4096 or 1024 characters.
 */
export const USES: Record<TextUse, { most: number; html: boolean }> = {
  message: { most: 3_500, html: true },
  caption: { most: 700, html: true },
  key: { most: 64, html: false },
  alert: { most: 200, html: false },
  // An error is a message after a typed text and an alert after a press: it is written so that both read the same.
  error: { most: 400, html: false },
  checkout: { most: 200, html: false },
  invoice: { most: 255, html: false },
  command: { most: 256, html: false },
  about: { most: 512, html: false },
  short: { most: 120, html: false },
  inline: { most: 120, html: false },
}

/**
 * Texts on keys, and the beginnings of key names that are chosen by a word. A key's text that is missing in this list
 * is checked as a message, which Telegram does not refuse; a test keeps the list nearly complete.
 */
export const ON_KEYS = new Set(
  `admin-badges admin-bot-add admin-bot-check admin-bot-open admin-bot-pause admin-bot-remove
   admin-bot-remove-yes admin-bot-resume admin-bot-token admin-bots admin-find admin-key-new admin-key-revoke
   admin-plan-edit admin-plan-new admin-plan-resell admin-plan-retire admin-plan-save admin-promo-make admin-promo-new admin-referrals-days
   admin-referrals-percents approve audience-any audience-not-last back balance-add balance-history buy-again mailings-on mailings-off top-hide-name top-show-name pay-repeat
   balance-top-up broadcast-at-once broadcast-buttons broadcast-cancel broadcast-delete broadcast-drop
   broadcast-in-en broadcast-in-ru broadcast-new broadcast-open broadcast-preview broadcast-rewrite
   broadcast-start broadcast-test broadcast-time broadcast-whom cancel deal-person deal-story decline export-person
   export-type fadmin-change fadmin-check fadmin-keys fadmin-open fadmin-prices fadmin-sell fadmin-stop
   fragment-renew friends-copy friends-invite friends-qr health-prove health-refresh help-support
   history-newest history-older image-admin-limits image-admin-models image-admin-pause image-admin-price
   image-admin-refused image-admin-resume image-admin-words image-change image-go image-no-photo
   image-other-model image-pay-rest image-pay-roubles image-pay-stars image-to-draft images-new history-newer
   images-older language-name letter-replay letter-settle level-open level-top manual-cancel manual-copy
   menu-admin menu-balance menu-buy menu-friends menu-help menu-images menu-news menu-open menu-pricing
   menu-profile menu-promo menu-shelf menu-waiting-drop menu-waiting-go menu-waiting-pay method-manual method-stars method-wallet news-check order-again order-cancel
   menu-web menu-web-short admin-key-revoke-yes admin-plan-retire-yes broadcast-cancel-yes fadmin-stop-yes
   image-admin-pause-yes payback-happened-yes payback-not-yes payment-give-yes setting-reset-yes setting-undo-yes unlisted-keep-yes
   order-open order-top-up orders-mine pay-email-key pay-list pay-open-card pay-own-sum pay-rest payback-go payback-happened payback-not
   payment-check payment-credit payment-credit-do payment-disown payment-disown-yes payment-give payment-not-charged payment-refund payment-story payments-providers
   payments-requests person-ban person-credit person-deals person-debit person-history person-unban
   pay-keep person-write plan-buy plan-card-forget plan-card-keep plan-card-pay plan-gift plan-pay-rest plan-stop plan-top-up premium-mine profile-offer profile-privacy
   promo-apply provider-confirm-above provider-requisites-off provider-second-above receipt-no receipt-yes
   request-answer request-more request-more-own request-more-payer request-more-readable request-more-whole
   request-no request-open request-yes role-take roles-add sale-other sale-own sale-self
   sale-term-buy sale-top-up-other sale-top-up-stars setting-save setting-undo
   shelf-key-again shelf-key-back shelf-key-buy shelf-key-chat shelf-key-deliver shelf-key-enter shelf-key-prolong shelf-key-see-item shelf-key-order-it shelf-key-photos shelf-key-refuse shelf-key-take shelf-key-categories shelf-key-category-new shelf-key-edit shelf-key-file shelf-key-fill
   shelf-key-find shelf-key-gift shelf-key-gift-send shelf-key-gift-back shelf-key-give-back shelf-key-in-menu shelf-key-mine shelf-key-new shelf-key-on
   shelf-key-order shelf-key-replace shelf-key-resell shelf-key-rest shelf-key-retire shelf-key-see
   shelf-key-shelf shelf-key-stock shelf-key-text
   stats-days subscriptions-open
   support-about support-answer support-pass support-file support-file-of question-end question-end-yes order-ask support-open-order support-open-payment support-person write-again write-send
   support-write unlisted-keep unlisted-take unlisted-take-do wallet-again wallet-copy wallet-make wallet-open wallet-other`.split(
    /\s+/,
  ),
)
export const KEY_BEGINNINGS =
  `adjust-reason- audience- broadcast-option- broadcast-start- export- export-days- fadmin-do- fadmin-field-
   fadmin-key- fadmin-way- find- manual- method- operation- payments- request-reason- role- setting-reset-
   setting-scope- settings-group- stats-`.split(/\s+/)
/** Answers to a press. */
export const IN_ALERTS = new Set(
  `admin-bot-refused admin-bot-removed ban-admin ban-lifted banned broadcast-delete-late
   broadcast-paid-hint broadcast-resending
   broadcast-shown broadcast-tested broadcast-tested-some buy-already-paid buy-expired buy-price-changed fadmin-checking fadmin-decided failed
   image-already image-models-none image-price-changed image-sending image-sending-file image-short
   image-too-late language-changed letter-gone mailings-are-off mailings-are-on manual-cancelled news-not-yet order-dropped order-goes-on pay-check-wait
   pay-checking pay-method-off pay-out-of-limits pay-taken pay-taken-already payment-disowned payment-given
   payment-unknown plan-bought plan-stopped request-second role-changed
   sale-accepted sale-cancelled setting-saved setting-undone stale-button support-reply-ask top-name-hidden top-name-shown wallet-making`.split(
    /\s+/,
  ),
)
const BY_BEGINNING: [string, TextUse][] = [
  ['command-', 'command'],
  ['checkout-', 'checkout'],
  ['error-', 'error'],
  ['pay-status-', 'caption'],
  ['image-reason-', 'caption'],
  ['inline-key-', 'key'],
  ['inline-', 'inline'],
]
const BY_NAME: Record<string, TextUse> = {
  'bot-description': 'about',
  'bot-short-description': 'short',
  'buy-invoice-description': 'invoice',
  'plan-invoice': 'invoice',
}

export function useOf(texts: Texts, key: string): TextUse {
  const known = BY_NAME[key] ?? BY_BEGINNING.find(([beginning]) => key.startsWith(beginning))?.[1]
  if (known) return known
  if (ON_KEYS.has(key)) return 'key'
  if (IN_ALERTS.has(key)) return 'alert'
  // `manual-card_ru` is on a key, `manual-pay` is a message: the shop's own text of a key is short and without markup.
  const isShort =
    KEY_BEGINNINGS.some((one) => key.startsWith(one)) &&
    LANGUAGES.every((language) => {
      const source = texts.source(language, key)
      const filled = source.replaceAll(/\{[^{}]*\}/g, LONG_VALUE)
      return filled.length <= USES.key.most && !/[<\n]/.test(source)
    })
  return isShort ? 'key' : 'message'
}

export interface WordingProblem {
  what: 'markup' | 'long'
  use: TextUse
  /** The piece that Telegram would read as markup. */
  piece: string
  length: number
  most: number
}

/**
 * Says why a text does not fit its place.
 * @param rendered the text with sample values
 */
export function misfitOf(use: TextUse, rendered: string): WordingProblem | undefined {
  const { most, html } = USES[use]
  const { text, refused } = readHtml(rendered)
  // In a place without markup people would see tags and `&lt;` as they are written.
  const literal = html ? undefined : /<\/?[a-z][^>]*>?|&(?:lt|gt|amp|quot|#\w+);/i.exec(rendered)?.[0]
  const piece = refused ?? literal
  const { length } = piece === undefined ? text : rendered
  if (piece !== undefined) return { what: 'markup', use, piece, length, most }
  return length > most ? { what: 'long', use, piece: '', length, most } : undefined
}

const NAMES = /^(name|plan|title|who|user|person|first|bot)$/
const LONG_NAME = 'Ж'.repeat(32)
const LONG_VALUE = 'Ж'.repeat(20)
const NUMBERS = [1, 2, 5, 21, 1_000_000]

/** Sample values as long as they occur, several sets if the text chooses by a number. */
export function samplesOf(source: string, variables: readonly string[]): Record<string, string | number>[] {
  const counted = new Set([...source.matchAll(/\$(\w+)\s*->/g)].map((match) => match[1]!))
  return NUMBERS.map((number) =>
    Object.fromEntries(
      variables.map((one) => [one, counted.has(one) ? number : NAMES.test(one) ? LONG_NAME : LONG_VALUE]),
    ),
  )
}
