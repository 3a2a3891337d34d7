import { goodsWords } from '../good.ts'
import type { InlineKeyboardButton } from 'grammy/types'
import type { Order } from '#shared/money/tables.ts'
import { saleOf, subOrders } from '../orders.ts'
import { nameOf, orderProgress } from '../words.ts'
import { readOrder } from '#shared/money/orders.ts'
import { refreshCard } from '../jobs.ts'
import { owe } from '#shared/queue/outbox.ts'
import type { Chat } from '#workers/bot/chat.ts'
import { keepOrderCard } from '#workers/bot/order-card.ts'
import { button, type Screen, show } from '#workers/bot/screen.ts'

/** The part of a chat that a card needs, because a card is also drawn when nobody has tapped anything. */
export type CardChat = Pick<Chat, 'app' | 'personId' | 't' | 'money' | 'texts'>

/** Shows the order in this chat. From here on the message is the order's live card, and navigation uses another one. */
export async function showCard(chat: Chat, order: Order): Promise<void> {
  const { app, ctx } = chat
  const screen = await orderScreen(chat, order)
  const messageId = await show(chat, screen)
  const taken = await keepOrderCard(chat, order.id, messageId)
  chat.session.anchor = undefined
  // If the order moved on while there was no card to redraw, the card is drawn again. It is drawn again as well when the
  // message was another order's, which may have been drawn in it at this moment.
  const now = (await readOrder(app.db, order.id)) ?? order
  if (!taken && (await orderScreen(chat, now)).text === screen.text) return
  await owe(app.db, refreshCard, { orderId: order.id, version: `shown-${ctx.update.update_id}` })
  app.relay.kick()
}

/** The order's card: what was ordered, for whom, how far it is, where the money is, and what comes next. */
export async function orderScreen(chat: CardChat, order: Order): Promise<Screen> {
  const { goods, recipients } = saleOf(order)
  const parts = recipients.length > 1 ? await subOrders(chat.app.db, order.id) : []
  const title = chat.t(`order-title-${goods.kind}`, goodsWords(goods))
  const lines = parts.length > 0 ? parts.map((part) => partLine(chat, part)) : orderProgress(chat, order)
  const whom = recipients.length > 1 ? [] : [chat.t('order-for', { recipient: nameOf(recipients[0]) })]
  return {
    text: [
      title,
      ...whom,
      chat.t('order-price', { sum: chat.money(order.price, order.asset) }),
      '',
      ...lines,
      '',
      chat.t('order-number', { number: order.id }),
    ].join('\n'),
    keyboard: keysOf(chat, order),
  }
}

const MARKS: Record<string, string> = {
  delivered: '✅',
  failed: '↩️',
  unknown: '🔎',
  review: '🔎',
  refunded: '↩️',
}

function partLine(chat: CardChat, part: Order): string {
  const { recipients } = saleOf(part)
  const state = chat.t(`order-state-${part.state}`)
  return `${MARKS[part.state] ?? '⏳'} ${nameOf(recipients[0])} · ${state}`
}

function keysOf(chat: CardChat, order: Order): InlineKeyboardButton[][] {
  const again = order.state === 'failed' || order.state === 'delivered'
  const waits = order.state === 'awaiting_payment'
  return [
    ...(waits ? [[button(chat, chat.t('order-top-up'), ['sale-top-up', order.id], 'primary')]] : []),
    ...(waits ? [[button(chat, chat.t('order-cancel'), ['sale-cancel', order.id])]] : []),
    ...(again ? [[button(chat, chat.t('order-again'), ['sale-again', order.id])]] : []),
    ...(waits ? [] : [[button(chat, chat.t('order-ask'), ['support-this', 'order', order.id, 'below'])]]),
    [button(chat, chat.t('orders-mine'), ['orders', 0]), button(chat, chat.t('menu-open'), 'menu')],
  ]
}
