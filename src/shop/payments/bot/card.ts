import { dateFormat } from '#shared/i18n/intl.ts'
import type { Reader } from '#shared/reader.ts'
import type { InlineKeyboardButton } from 'grammy/types'
import type { Context } from '#shared/context.ts'
import type { Payment, PaymentState } from '#shared/money/tables.ts'
import { money } from '#shared/i18n/format.ts'
import type { Language, TextParams } from '#shared/i18n/texts.ts'
import { callbackButton, pack, type Style } from '#shared/telegram/buttons.ts'
import { shorten } from '#shared/storable.ts'

export interface PaymentCard {
  text: string
  keyboard: InlineKeyboardButton[][]
  /** What the QR picture leads to, while there is something to pay. */
  link: string | undefined
}

const LIVE: readonly PaymentState[] = ['created', 'pending', 'underpaid']

/** The one message that shows a payment, from "preparing" to how it ended: always as the row is now. */
export function paymentCard(
  app: Pick<Context, 'secrets'>,
  { t: words, language, money }: Reader,
  payment: Payment,
): PaymentCard {
  const key = (text: string, route: [string, ...string[]], style?: Style) =>
    callbackButton(words(text), pack(app.secrets, payment.personId, ...route), style)
  const live = LIVE.includes(payment.state) && payment.booked === 0n
  const link = live ? (payment.details['payUrl'] as string | undefined) : undefined
  const number = payment.id

  const keyboard: InlineKeyboardButton[][] = []
  if (link) {
    const sum = money(payment.amount, payment.asset)
    keyboard.push([{ text: words('pay-open', { sum }), url: link, style: 'primary' }])
    keyboard.push([{ text: words('pay-copy-link'), copy_text: { text: shorten(link, 256) } }])
    keyboard.push([key('pay-check', ['pay-check', number])])
  }
  if (payment.suspended > 0n) keyboard.push([key('payment-take', ['pay-take', number], 'primary')])
  if (['expired', 'cancelled', 'failed'].includes(payment.state)) {
    keyboard.push([key('pay-again', ['pay-again', number], 'primary')])
  } else if (live) {
    keyboard.push([key('pay-other-method', ['pay-again', number])])
  }
  keyboard.push([key('back', ['menu'])])
  return { text: cardText(words, language, payment), keyboard, link }
}

function cardText(
  words: (key: string, params?: TextParams) => string,
  language: Language,
  payment: Payment,
): string {
  const sum = money(language, payment.amount, payment.asset)
  const method = words(`method-${payment.provider}`)
  const lines = [
    words('pay-title', { sum, method }),
    words(statusKey(payment), {
      rest: money(language, payment.suspended, payment.suspendedAsset ?? payment.asset),
      credited: money(language, payment.creditAmount, payment.creditAsset),
    }),
  ]
  const waiting = payment.state === 'pending' || payment.state === 'underpaid'
  if (waiting && payment.expiresAt && payment.booked === 0n) lines.push(deadline(words, payment.expiresAt))
  const checkedAt = payment.details['checkedAt']
  if (waiting && typeof checkedAt === 'string')
    lines.push(words('pay-checked', { time: clock(new Date(checkedAt)) }))
  lines.push(words('pay-number', { number: payment.id }))
  return lines.join('\n')
}

/** waiting -> seen on the network -> paid: what is said is what the provider said, never more. */
function statusKey(payment: Payment): string {
  const { state, details, booked } = payment
  if (state === 'pending' && details['phase'] === 'confirming') return 'pay-status-confirming'
  if (state === 'underpaid' && booked === 0n) return 'pay-status-underpaid-open'
  if ((state === 'paid' || state === 'overpaid') && details['credited'] !== true) return 'pay-status-late'
  return `pay-status-${state}`
}

function deadline(words: (key: string, params?: TextParams) => string, at: Date): string {
  const minutes = Math.max(0, Math.ceil((at.getTime() - Date.now()) / 60_000))
  return words('pay-deadline', { time: clock(at), minutes })
}

/** Moscow time, as everywhere in the bot: Telegram does not tell the reader's zone. */
function clock(at: Date): string {
  return dateFormat('ru-RU', {
    hour: '2-digit',
    minute: '2-digit',
    timeZone: 'Europe/Moscow',
  }).format(at)
}
