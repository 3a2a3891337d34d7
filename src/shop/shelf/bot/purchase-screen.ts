import { escapeHtml } from '#shared/i18n/format.ts'
import type { Order } from '#shared/money/tables.ts'
import { shareLink } from '#shop/loyalty/referrals/terms.ts'
import type { Chat } from '#workers/bot/chat.ts'
import { button } from '#workers/bot/screen.ts'
import type { Screen } from '#workers/bot/screen.ts'
import { chatOfItem, readAccess } from '../accesses.ts'
import { contentBought } from '../content.ts'
import { linkOfGift } from '../gifts.ts'
import { itemOf, ownsItem } from '../good.ts'
import { access as accessKind } from '../kinds/access.ts'
import { file as fileKind } from '../kinds/file.ts'
import { kindOf } from '../kinds/list.ts'

/** The part of a chat that a purchase's screen needs, because it is also drawn when nobody has tapped anything. */
export type PurchaseChat = Pick<Chat, 'app' | 'personId' | 't' | 'when'>

/** A purchase as its buyer sees it now: what they got, or how far the order is. */
export async function purchaseScreen(chat: PurchaseChat, order: Order): Promise<Screen> {
  const link = await linkOfGift(chat.app, order)
  const url = link && shareLink(link)
  const place = await placeOf(chat, order)
  return {
    text: place ? wordsOfPlace(chat, order, place) : await wordsOf(chat, order, link),
    keyboard: [
      ...(url ? [[{ text: chat.t('shelf-key-gift-send'), url }]] : []),
      ...(link !== undefined && order.state === 'reserved' && order.personId === chat.personId
        ? [[button(chat, chat.t('shelf-key-gift-back'), ['gift-back', order.id], 'danger')]]
        : []),
      ...(place && !place.held.endedAt ? [[{ text: chat.t('shelf-key-enter'), url: place.link }]] : []),
      ...(place?.held.untilAt
        ? [[button(chat, chat.t('shelf-key-prolong'), ['item', String(place.held.itemId)])]]
        : []),
      [button(chat, chat.t('order-ask'), ['support-this', 'order', order.id, 'below'])],
      [button(chat, chat.t('shelf-key-mine'), 'bought'), button(chat, chat.t('menu-open'), 'menu-below')],
    ],
  }
}

async function wordsOf(chat: PurchaseChat, order: Order, link: string | undefined): Promise<string> {
  const details = itemOf(order)
  const name = escapeHtml(details.name)
  const until = details.promisedUntil === undefined ? '' : chat.when(new Date(details.promisedUntil))
  if (details.gift !== undefined) {
    if (order.state === 'reserved') return chat.t('shelf-gift-waits', { name, until, link: link ?? '' })
    if (order.state === 'failed') return chat.t('shelf-gift-over', { name })
    if (order.state === 'delivered' && !ownsItem(order, chat.personId))
      return chat.t('shelf-gift-opened', { name })
    if (order.state === 'refunded' && ownsItem(order, chat.personId))
      return chat.t('shelf-gift-back', { name })
  }
  if (order.state === 'reserved') return chat.t('shelf-service-waits', { name, until })
  if (order.state === 'fulfilling') return chat.t('shelf-service-taken', { name, until })
  if (order.state === 'failed')
    return details.reason
      ? chat.t('shelf-service-refused', { name, reason: escapeHtml(details.reason) })
      : chat.t('shelf-service-overdue', { name })
  const content = await contentBought(chat.app, order)
  if (content === undefined) return chat.t('shelf-given-back', { name })
  if (details.kind === fileKind.name) return chat.t('shelf-file-yours', { name, file: escapeHtml(content) })
  return kindOf(details).asks
    ? [chat.t('shelf-served', { name }), escapeHtml(content)].join('\n\n')
    : [chat.t('shelf-yours', { name }), `<code>${escapeHtml(content)}</code>`].join('\n\n')
}

/** The place in a chat that this person has bought. */
async function placeOf({ app: { db }, personId }: PurchaseChat, order: Order) {
  const { kind, item } = itemOf(order)
  if (kind !== accessKind.name || order.state !== 'delivered' || !ownsItem(order, personId)) return undefined
  const [held, chat] = await Promise.all([readAccess(db, order.id), chatOfItem(db, BigInt(item))])
  return held && chat && { held, title: chat.title, link: chat.link }
}

function wordsOfPlace(
  chat: PurchaseChat,
  order: Order,
  { held, title }: NonNullable<Awaited<ReturnType<typeof placeOf>>>,
): string {
  const words = { name: escapeHtml(itemOf(order).name), title: escapeHtml(title) }
  if (held.endedAt) return chat.t('shelf-access-over', words)
  return held.untilAt
    ? chat.t('shelf-access-until', { ...words, from: chat.when(held.fromAt), until: chat.when(held.untilAt) })
    : chat.t('shelf-access-ever', words)
}
