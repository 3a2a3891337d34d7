import type { Context } from '#shared/context.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import type { Order } from '#shared/money/tables.ts'
import type { Reader } from '#shared/reader.ts'
import { chatOfItem, readAccess } from './accesses.ts'
import { wasBought } from './buy.ts'
import { contentBought } from './content.ts'
import { linkOfGift } from './gifts.ts'
import { itemOf, ownsItem } from './good.ts'
import { access as accessKind } from './kinds/access.ts'
import { file as fileKind } from './kinds/file.ts'
import { kindOf } from './kinds/list.ts'

/** Who looks at a purchase. It is also drawn when nobody has pressed anything. */
export interface PurchaseReader extends Pick<Reader, 't' | 'when'> {
  app: Pick<Context, 'db' | 'secrets'>
  personId: bigint
}

/** A purchase as its buyer sees it now: what they got, or how far the order is. */
export interface PurchaseView {
  /** HTML with everything that the buyer reads. */
  text: string
  /** The goods in clear text, where they are a text to copy. */
  content: string | undefined
  /** The link that opens a gift, while it waits to be opened. */
  gift: string | undefined
  /** The chat that the purchase opens, while its time runs. */
  door: string | undefined
  /** The item that prolongs it. */
  prolongs: bigint | undefined
}

export async function purchaseView(reader: PurchaseReader, order: Order): Promise<PurchaseView> {
  const gift = await linkOfGift(reader.app, order)
  const place = await placeOf(reader, order)
  if (place)
    return {
      text: wordsOfPlace(reader, order, place),
      content: undefined,
      gift,
      door: place.held.endedAt ? undefined : place.link,
      prolongs: place.held.untilAt ? place.held.itemId : undefined,
    }
  const words = wordsOnTheWay(reader, order, gift)
  const none = { gift, door: undefined, prolongs: undefined, content: undefined }
  return words === undefined ? { ...none, ...(await wordsOf(reader, order)) } : { ...none, text: words }
}

/** @returns undefined when the goods are the buyer's */
function wordsOnTheWay(
  { t, when, personId }: PurchaseReader,
  order: Order,
  gift: string | undefined,
): string | undefined {
  const details = itemOf(order)
  const name = escapeHtml(details.name)
  if (!wasBought(order)) return t(order.state === 'expired' ? 'shelf-expired' : 'shelf-dropped', { name })
  const until = details.promisedUntil === undefined ? '' : when(new Date(details.promisedUntil))
  if (details.gift !== undefined) {
    if (order.state === 'reserved') return t('shelf-gift-waits', { name, until, link: gift ?? '' })
    if (order.state === 'failed') return t('shelf-gift-over', { name })
    if (order.state === 'delivered' && !ownsItem(order, personId)) return t('shelf-gift-opened', { name })
    if (order.state === 'refunded' && ownsItem(order, personId)) return t('shelf-gift-back', { name })
  }
  if (order.state === 'reserved') return t('shelf-service-waits', { name, until })
  if (order.state === 'fulfilling') return t('shelf-service-taken', { name, until })
  if (order.state !== 'failed') return undefined
  return details.reason
    ? t('shelf-service-refused', { name, reason: escapeHtml(details.reason) })
    : t('shelf-service-overdue', { name })
}

async function wordsOf(
  { app, t }: PurchaseReader,
  order: Order,
): Promise<Pick<PurchaseView, 'text' | 'content'>> {
  const details = itemOf(order)
  const name = escapeHtml(details.name)
  const content = await contentBought(app, order)
  if (content === undefined) return { text: t('shelf-given-back', { name }), content }
  const words = escapeHtml(content)
  if (details.kind === fileKind.name)
    return { text: t('shelf-file-yours', { name, file: words }), content: undefined }
  const text = kindOf(details).asks
    ? [t('shelf-served', { name }), words].join('\n\n')
    : [t('shelf-yours', { name }), `<code>${words}</code>`].join('\n\n')
  return { text, content }
}

/** The place in a chat that this person has bought. */
async function placeOf({ app: { db }, personId }: PurchaseReader, order: Order) {
  const { kind, item } = itemOf(order)
  if (kind !== accessKind.name || order.state !== 'delivered' || !ownsItem(order, personId)) return undefined
  const [held, chat] = await Promise.all([readAccess(db, order.id), chatOfItem(db, BigInt(item))])
  // An item whose chat was replaced has only the link of the new one.
  const link = held && chat && held.chatId === chat.chatId ? chat.link : undefined
  return held && chat && { held, title: chat.title, link }
}

function wordsOfPlace(
  { t, when }: PurchaseReader,
  order: Order,
  { held, title }: NonNullable<Awaited<ReturnType<typeof placeOf>>>,
): string {
  const words = { name: escapeHtml(itemOf(order).name), title: escapeHtml(title) }
  if (held.endedAt) return t('shelf-access-over', words)
  return held.untilAt
    ? t('shelf-access-until', { ...words, from: when(held.fromAt), until: when(held.untilAt) })
    : t('shelf-access-ever', words)
}
