import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { readOrder } from '#shared/money/orders.ts'
import type { Order } from '#shared/money/tables.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, show, showBelow } from '#workers/bot/screen.ts'
import { purchasedItems } from '../buy.ts'
import { contentBought } from '../content.ts'
import { ITEM, itemOf } from '../good.ts'

const PAGE = 8

/** What somebody has bought off the shelf: shown again to them whenever they like, and to nobody else. */
export const purchaseScreens: Feature = {
  buttons: { bought: showPurchases, 'item-order': open },
  open: ['bought', 'item-order'],
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
            `${order.state === 'refunded' ? '↩️ ' : ''}${itemOf(order).name} · ${chat.day(order.createdAt)}`,
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
  const shown = order?.state === 'delivered' || order?.state === 'refunded'
  if (!order || order.personId !== chat.personId || order.good !== ITEM.kind || !shown)
    throw new UserError('order.stale')
  // Below the message that was pressed: a notice says what happened, and shall not become what was bought.
  await showPurchase(chat, order, showBelow)
}

/** What was bought, in a message of its own that navigation leaves alone. */
export async function showPurchase(chat: Chat, order: Order, place = show): Promise<void> {
  const content = await contentBought(chat.app, order)
  const name = escapeHtml(itemOf(order).name)
  await place(chat, {
    text:
      content === undefined
        ? chat.t('shelf-given-back', { name })
        : [chat.t('shelf-yours', { name }), `<code>${escapeHtml(content)}</code>`].join('\n\n'),
    keyboard: [
      [button(chat, chat.t('shelf-key-mine'), 'bought'), button(chat, chat.t('menu-open'), 'menu-below')],
    ],
  })
  chat.session.anchor = undefined
  chat.session.awaiting = undefined
}
