import type { Reader } from '#shared/reader.ts'
import type { InlineKeyboardButton } from 'grammy/types'
import type { Context } from '#shared/context.ts'
import type { Payment, PaymentState } from '#shared/money/tables.ts'
import { callbackButton, pack, type Style } from '#shared/telegram/buttons.ts'
import { shorten } from '#shared/storable.ts'
import { boughtWith, isOpenPart, partReceived } from '../payments.ts'

export interface PaymentCard {
  text: string
  keyboard: InlineKeyboardButton[][]
  /** What the QR picture leads to, while there is something to pay. */
  link: string | undefined
}

const LIVE: readonly PaymentState[] = ['created', 'pending', 'underpaid']

/** The one message that shows a payment, from "preparing" to how it ended: always as the row is now. */
export function paymentCard(app: Pick<Context, 'secrets'>, reader: Reader, payment: Payment): PaymentCard {
  const { t: words, money } = reader
  const key = (text: string, route: [string, ...string[]], style?: Style) =>
    callbackButton(words(text), pack(app.secrets, payment.personId, ...route), style)
  const live = LIVE.includes(payment.state) && payment.booked === 0n
  const link = live ? (payment.details['payUrl'] as string | undefined) : undefined
  const number = payment.id

  const keyboard: InlineKeyboardButton[][] = []
  if (link) {
    const part = partReceived(payment)
    const sum = money(payment.amount - part, payment.asset)
    keyboard.push([
      { text: words(part > 0n ? 'pay-rest' : 'pay-open', { sum, rest: sum }), url: link, style: 'primary' },
    ])
    keyboard.push([{ text: words('pay-copy-link'), copy_text: { text: shorten(link, 256) } }])
    keyboard.push([key('pay-check', ['pay-check', number])])
  }
  if (payment.suspended > 0n) keyboard.push([key('payment-take', ['pay-take', number], 'primary')])
  if (
    (payment.state === 'paid' || payment.state === 'overpaid') &&
    payment.provider !== 'stars' &&
    payment.asset === 'RUB'
  ) {
    const sum = money(payment.amount, payment.asset)
    const data = pack(app.secrets, payment.personId, 'pay-repeat', number)
    keyboard.push([callbackButton(words('pay-repeat', { sum }), data)])
  }
  if (['expired', 'cancelled', 'failed'].includes(payment.state)) {
    keyboard.push([key('pay-again', ['pay-again', number], 'primary')])
  } else if (live) {
    keyboard.push([key('pay-other-method', ['pay-again', number])])
  }
  // It stays in the chat with its number and its link: the menu comes below it.
  keyboard.push([key('menu-open', ['menu-below'])])
  return { text: cardText(reader, payment), keyboard, link }
}

function cardText(reader: Reader, payment: Payment): string {
  const { t: words, money, clock } = reader
  const sum = money(payment.amount, payment.asset)
  const method = words(`method-${payment.provider}`)
  const lines = [
    words('pay-title', { sum, method }),
    words(statusKey(payment), {
      asked: sum,
      received: money(partReceived(payment), payment.asset),
      left: money(payment.amount - partReceived(payment), payment.asset),
      rest: money(payment.suspended, payment.suspendedAsset ?? payment.asset),
      credited: money(payment.creditAmount, payment.creditAsset),
    }),
  ]
  const waiting = payment.state === 'pending' || payment.state === 'underpaid'
  if (waiting && payment.expiresAt && payment.booked === 0n) lines.push(deadline(reader, payment.expiresAt))
  const checkedAt = payment.details['checkedAt']
  if (waiting && typeof checkedAt === 'string')
    lines.push(words('pay-checked', { time: clock(new Date(checkedAt)) }))
  lines.push(words('pay-number', { number: payment.id }))
  return lines.join('\n')
}

/** waiting -> seen on the network -> paid: what is said is what the provider said, never more. */
function statusKey(payment: Payment): string {
  const { state, details } = payment
  if (state === 'pending' && details['phase'] === 'confirming') return 'pay-status-confirming'
  if (isOpenPart(payment))
    return partReceived(payment) > 0n ? 'pay-status-underpaid-open' : 'pay-status-underpaid-some'
  if ((state === 'paid' || state === 'overpaid') && boughtWith(payment) === 0n) return 'pay-status-late'
  return `pay-status-${state}`
}

function deadline({ t, clock }: Reader, at: Date): string {
  const minutes = Math.max(0, Math.ceil((at.getTime() - Date.now()) / 60_000))
  return t('pay-deadline', { time: clock(at), minutes })
}
