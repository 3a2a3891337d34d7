import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { readOrder } from '#shared/money/orders.ts'
import type { Order, OrderState } from '#shared/money/tables.ts'
import { owe } from '#shared/queue/outbox.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { keepOrderCard } from '#workers/bot/order-card.ts'
import { back, button, show, showBelow } from '#workers/bot/screen.ts'
import { sure } from '#workers/bot/sure.ts'
import type { Question } from '#workers/bot/sure.ts'
import { purchasedItems, wasBought } from '../buy.ts'
import { openGift, takeGiftBack } from '../giving.ts'
import { ITEM, itemOf, ownsItem } from '../good.ts'
import { file as fileKind } from '../kinds/file.ts'
import { sendItemFile } from './item-file.ts'
import { refreshItemCard } from '../jobs.ts'
import { purchaseScreen } from './purchase-screen.ts'

const PAGE = 8
const MARKS: Partial<Record<OrderState, string>> = {
  refunded: '↩️ ',
  failed: '↩️ ',
  reserved: '⏳ ',
  fulfilling: '⏳ ',
}

const giftMark = (order: Pick<Order, 'details'>) => (itemOf(order).gift === undefined ? '' : '🎁 ')

/** A person's purchases from the shelf: shown to them whenever they like and to nobody else. */
export const purchaseScreens: Feature = {
  buttons: { bought: showPurchases, 'item-order': open, 'gift-back': sure('gift-back', askBack, takeBack) },
  links: { gift: openLink },
  open: ['bought', 'item-order', 'gift-back'],
}

async function showPurchases(chat: Chat, [at = '0']: string[]): Promise<void> {
  const page = Number(at) || 0
  const orders = await purchasedItems(chat.app.db, chat.personId, { limit: PAGE + 1, offset: page * PAGE })
  const pager = [
    ...(page > 0 ? [button(chat, chat.t('shelf-key-back'), ['bought', page - 1])] : []),
    ...(orders.length > PAGE ? [button(chat, chat.t('shelf-key-on'), ['bought', page + 1])] : []),
  ]
  await show(chat, {
    text: chat.t(orders.length > 0 ? 'shelf-mine' : 'shelf-mine-none'),
    keyboard: [
      ...orders
        .slice(0, PAGE)
        .map((order) => [
          button(
            chat,
            `${MARKS[order.state] ?? giftMark(order)}${itemOf(order).name} · ${chat.day(order.createdAt)}`,
            ['item-order', order.id],
          ),
        ]),
      ...(pager.length > 0 ? [pager] : []),
      back(chat, 'shelf'),
    ],
  })
}

async function open(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const order = await readOrder(chat.app.db, id)
  if (order?.good !== ITEM.kind || !wasBought(order)) throw new UserError('order.stale')
  if (order.personId !== chat.personId && !ownsItem(order, chat.personId)) throw new UserError('order.stale')
  // The purchase is shown below the pressed message: a notice that tells what happened must stay.
  await showPurchase(chat, order, showBelow)
}

async function askBack(chat: Chat, [id = '']: string[]): Promise<Question> {
  const order = await readOrder(chat.app.db, id)
  if (order?.good !== ITEM.kind || order.personId !== chat.personId) throw new UserError('order.stale')
  const words = { name: escapeHtml(itemOf(order).name), sum: chat.money(order.price, order.asset) }
  return {
    text: chat.t('shelf-gift-back-ask', words),
    yes: chat.t('shelf-key-gift-back'),
    home: ['item-order', id],
  }
}

async function takeBack(chat: Chat, [id = '']: string[]): Promise<Answer> {
  await chat.app.db.tx((tx) => takeGiftBack(tx, id, chat.personId))
  chat.app.relay.kick()
  await showPurchase(chat, (await readOrder(chat.app.db, id))!)
}

/** The link of a gift: the first person who opens it gets the goods; its buyer sees its state. */
async function openLink(chat: Chat, token: string): Promise<void> {
  const order = await openGift(chat.app, { token, personId: chat.personId, bot: chat.bot.name })
  chat.app.relay.kick()
  await showPurchase(chat, order, showBelow)
}

/**
 * Shows a purchase in a message that navigation does not edit; while the order is under way the message is its live
 * card.
 */
export async function showPurchase(chat: Chat, order: Order, place = show): Promise<void> {
  const messageId = await place(chat, await purchaseScreen(chat, order))
  if (order.state === 'reserved' || order.state === 'fulfilling')
    await keepPurchaseCard(chat, order, messageId)
  chat.session.anchor = undefined
  chat.session.awaiting = undefined
  const { item, kind } = itemOf(order)
  if (order.state === 'delivered' && kind === fileKind.name && ownsItem(order, chat.personId))
    await sendItemFile(chat, BigInt(item))
}

/** The message is the order's live card. If the order moved on before, or the message was another order's, it is drawn again. */
export async function keepPurchaseCard(chat: Chat, order: Order, messageId: number): Promise<void> {
  const { app, ctx } = chat
  const taken = await keepOrderCard(chat, order.id, messageId)
  const now = await readOrder(app.db, order.id)
  if (!taken && now?.state === order.state) return
  await owe(app.db, refreshItemCard, { orderId: order.id, version: `shown-${ctx.update.update_id}` })
  app.relay.kick()
}
