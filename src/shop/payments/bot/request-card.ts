import type { Context } from '#shared/context.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import type { Payment } from '#shared/money/tables.ts'
import type { Reader } from '#shared/reader.ts'
import { shorten } from '#shared/storable.ts'
import { callbackButton, pack } from '#shared/telegram/buttons.ts'
import type { Chat } from '#workers/bot/chat.ts'
import { placeIn } from '#workers/bot/order-card.ts'
import { show } from '#workers/bot/screen.ts'
import { wantedOf, wantedWords } from '../more-wanted.ts'
import { readPayment, setPaymentCard } from '../payments.ts'
import { manualRequisites } from '../settings.ts'
import type { ManualMethod } from '../settings.ts'
import type { PaymentCard } from './card.ts'

/** The one message that shows a request by hand, from the requisites to what was decided: always as the row is now. */
export async function requestCard(
  app: Pick<Context, 'secrets' | 'settings' | 'texts'>,
  reader: Reader,
  payment: Payment,
): Promise<PaymentCard> {
  const { id, personId, bot, state } = payment
  const requisites = (await app.settings.get(manualRequisites, bot))[
    payment.details['method'] as ManualMethod
  ]
  const wanted = wantedOf(payment)
  const words = {
    sum: reader.money(payment.amount, payment.asset),
    credit: reader.money(payment.creditAmount, payment.creditAsset),
    number: id,
    // An owner types the requisites, maybe with a `<memo 42>` in them.
    requisites: escapeHtml(requisites?.[reader.language] ?? ''),
    ...(wanted && { wanted: wantedWords(reader.t, wanted) }),
  }
  const key = (text: string, route: [string, ...string[]]) => [
    callbackButton(reader.t(text), pack(app.secrets, personId, ...route)),
  ]
  // The card stays in the chat with its number, so the menu comes below it.
  const menu = key('menu-open', ['menu-below'])
  const copied = requisites && shorten(requisites[reader.language], 256)
  const copy = copied ? [[{ text: reader.t('manual-copy'), copy_text: { text: copied } }]] : []
  if (wanted)
    return {
      text: reader.t('request-wanted', words),
      keyboard: [key('request-answer', ['request-answer', id]), menu],
      link: undefined,
    }
  const keyboard = state === 'created' ? [...copy, key('manual-cancel', ['manual-cancel', id]), menu] : [menu]
  return { text: reader.t(stateText(app, payment), words), keyboard, link: undefined }
}

function stateText({ texts }: Pick<Context, 'texts'>, { state, details }: Payment): string {
  const rejected = `request-rejected-${String(details['reason'])}`
  switch (state) {
    case 'created':
      return 'manual-pay'
    case 'pending':
      return 'manual-waiting'
    case 'paid':
    case 'overpaid':
      return 'request-card-paid'
    case 'cancelled':
      return texts.has('ru', rejected) ? rejected : 'request-card-cancelled'
    case 'refunded':
      return 'pay-status-refunded'
    default:
      return 'request-card-expired'
  }
}

/** Shows it in this chat. From here on this message follows the request; an older one keeps its words. */
export async function showRequestCard(chat: Chat, payment: Payment): Promise<void> {
  const card = await requestCard(chat.app, chat, payment)
  const messageId = await show(chat, card)
  chat.session.anchor = undefined
  await chat.app.db.tx((tx) => setPaymentCard(tx, payment.id, placeIn(chat, messageId)))
  // A decision that came before the card was here could not redraw it: it is redrawn now.
  const now = await readPayment(chat.app.db, payment.id)
  if (now && now.state !== payment.state) await showRequestCard(chat, now)
}
