import type { Order } from '#shared/money/tables.ts'
import { shareLink } from '#shop/loyalty/referrals/terms.ts'
import type { Chat } from '#workers/bot/chat.ts'
import { button } from '#workers/bot/screen.ts'
import type { Screen } from '#workers/bot/screen.ts'
import { wasBought } from '../buy.ts'
import { itemOf } from '../good.ts'
import { purchaseView } from '../purchase.ts'

/** The part of a chat that a purchase's screen needs, because it is also drawn when nobody has tapped anything. */
export type PurchaseChat = Pick<Chat, 'app' | 'personId' | 't' | 'when'>

/** A purchase as its buyer sees it now: what they got, or how far the order is. */
export async function purchaseScreen(chat: PurchaseChat, order: Order): Promise<Screen> {
  const { text, gift, door, prolongs } = await purchaseView(chat, order)
  if (!wasBought(order))
    return {
      text,
      keyboard: [
        [button(chat, chat.t('shelf-key-see-item'), ['item', itemOf(order).item])],
        [button(chat, chat.t('menu-open'), 'menu-below')],
      ],
    }
  return {
    text,
    keyboard: [
      ...(gift ? [[{ text: chat.t('shelf-key-gift-send'), url: shareLink(gift) }]] : []),
      ...(gift !== undefined && order.state === 'reserved' && order.personId === chat.personId
        ? [[button(chat, chat.t('shelf-key-gift-back'), ['gift-back', order.id], 'danger')]]
        : []),
      ...(door ? [[{ text: chat.t('shelf-key-enter'), url: door }]] : []),
      ...(prolongs ? [[button(chat, chat.t('shelf-key-prolong'), ['item', String(prolongs)])]] : []),
      [button(chat, chat.t('order-ask'), ['support-this', 'order', order.id, 'below'])],
      [button(chat, chat.t('shelf-key-mine'), 'bought'), button(chat, chat.t('menu-open'), 'menu-below')],
    ],
  }
}
