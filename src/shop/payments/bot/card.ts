import type { Reader } from '#shared/reader.ts'
import type { InlineKeyboardButton } from 'grammy/types'
import type { Context } from '#shared/context.ts'
import type { Payment } from '#shared/money/tables.ts'
import { callbackButton, pack, type Style } from '#shared/telegram/buttons.ts'
import { shorten } from '#shared/storable.ts'
import { partReceived } from '../payments.ts'
import { LIVE_PAYMENTS, paymentLines } from '../words.ts'

export interface PaymentCard {
  text: string
  keyboard: InlineKeyboardButton[][]
  /** What the QR picture leads to, while there is something to pay. */
  link: string | undefined
}

/** The one message that shows a payment, from "preparing" to how it ended: always as the row is now. */
export function paymentCard(app: Pick<Context, 'secrets'>, reader: Reader, payment: Payment): PaymentCard {
  const { t: words, money } = reader
  const key = (text: string, route: [string, ...string[]], style?: Style) =>
    callbackButton(words(text), pack(app.secrets, payment.personId, ...route), style)
  const live = LIVE_PAYMENTS.includes(payment.state) && payment.booked === 0n
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
  if (!live && payment.state !== 'created')
    keyboard.push([key('order-ask', ['support-this', 'payment', number, 'below'])])
  // The card stays in the chat with its number and its link, so the menu comes below it.
  keyboard.push([key('menu-open', ['menu-below'])])
  return { text: paymentLines(reader, payment).join('\n'), keyboard, link }
}
