import { z } from 'zod'
import { Rejected, UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { readOrder } from '#shared/money/orders.ts'
import type { Order } from '#shared/money/tables.ts'
import { MOST_BYTES, openFile } from '#shared/telegram/files.ts'
import { shareLink } from '#shop/loyalty/referrals/terms.ts'
import { purchasedItems, wasBought } from '#shop/shelf/buy.ts'
import { soldFile } from '#shop/shelf/files.ts'
import { takeGiftBack } from '#shop/shelf/giving.ts'
import { ITEM, itemOf, ownsItem } from '#shop/shelf/good.ts'
import { file as fileKind } from '#shop/shelf/kinds/file.ts'
import { purchaseView } from '#shop/shelf/purchase.ts'
import { WebFile, rowId, webRoute } from './route.ts'
import type { WebAnswer } from './route.ts'
import { plain } from './views.ts'
import type { Visitor } from './visitor.ts'

const PAGE = 20

const purchases = webRoute({
  method: 'GET',
  path: '/purchases',
  input: z.object({ page: z.coerce.number().int().min(0).max(500).default(0) }),
  async run(visitor, { page }) {
    const { app, personId } = visitor
    const found = await purchasedItems(app.db, personId, { limit: PAGE + 1, offset: page * PAGE })
    return {
      purchases: found.slice(0, PAGE).map((one) => ({
        id: one.id,
        name: itemOf(one).name,
        isGift: itemOf(one).gift !== undefined,
        stateText: visitor.t(`order-state-${one.state}`),
        at: visitor.day(one.createdAt),
      })),
      next: found.length > PAGE ? page + 1 : null,
    }
  },
})

/** What the buyer got, shown to them alone, or how far the order is. */
const purchase = webRoute({
  method: 'GET',
  path: '/purchases/:id',
  input: z.object({ id: rowId }),
  async run(visitor, input) {
    const order = await theirs(visitor, input.id)
    const { text, content, gift, door, prolongs } = await purchaseView(visitor, order)
    const details = itemOf(order)
    const isFile = isTheirFile(visitor, order)
    const sold = isFile ? await soldFile(visitor.app.db, BigInt(details.item)) : undefined
    const canBeSaved = sold !== undefined && sold.size <= BigInt(MOST_BYTES)
    return {
      id: order.id,
      name: details.name,
      state: order.state,
      text: isFile ? plain(visitor.t('shelf-file-in-chat', { name: escapeHtml(details.name) })) : plain(text),
      file: canBeSaved ? sold.name : null,
      takesBack: canTakeBack(visitor, order)
        ? plain(
            visitor.t('shelf-gift-back-ask', {
              name: escapeHtml(details.name),
              sum: visitor.money(order.price, order.asset),
            }),
          )
        : null,
      content: content ?? null,
      share: gift ? shareLink(gift) : null,
      link: gift ?? null,
      door: door ?? null,
      prolongs: prolongs === undefined ? null : String(prolongs),
      price: visitor.money(order.price, order.asset),
      at: visitor.time(order.createdAt),
    }
  },
})

const isTheirFile = ({ personId }: Visitor, order: Order): boolean =>
  itemOf(order).kind === fileKind.name && order.state === 'delivered' && ownsItem(order, personId)

const canTakeBack = ({ personId }: Visitor, order: Order): boolean =>
  itemOf(order).gift !== undefined && order.state === 'reserved' && order.personId === personId

/** The file that was bought, fetched from Telegram. It reaches the page as it is and is never shown, only saved. */
const file = webRoute({
  method: 'GET',
  path: '/purchases/:id/file',
  input: z.object({ id: rowId }),
  async run(visitor, input) {
    const { app } = visitor
    const order = await theirs(visitor, input.id)
    if (!isTheirFile(visitor, order)) throw new UserError('web.unknown')
    const sold = await soldFile(app.db, BigInt(itemOf(order).item))
    if (!sold?.fileId) throw new UserError('web.unknown')
    const source = app.bots.get(sold.bot)
    if (!source) throw new UserError('item.file-elsewhere')
    try {
      const bytes = await openFile(app, source, { fileId: sold.fileId, size: Number(sold.size) })
      return new WebFile(bytes, sold.name)
    } catch (error) {
      // Telegram gives bots no such file, or not any more; a bot can still send it.
      if (error instanceof UserError || error instanceof Rejected) throw new UserError('web.file-in-chat')
      throw error
    }
  },
})

/** The buyer takes back a gift that nobody has opened. */
const takeBack = webRoute({
  method: 'POST',
  path: '/purchases/:id/back',
  input: z.object({ id: rowId }),
  async run(visitor, input) {
    const order = await theirs(visitor, input.id)
    if (order.personId !== visitor.personId) throw new UserError('web.unknown')
    await visitor.app.db.tx((tx) => takeGiftBack(tx, order.id, visitor.personId))
    return { ok: true }
  },
})

/** @throws UserError `web.unknown` for another person's purchase, as for one that does not exist */
async function theirs({ app, personId }: Visitor, orderId: string): Promise<Order> {
  const order = await readOrder(app.db, orderId)
  if (order?.good !== ITEM.kind || !wasBought(order)) throw new UserError('web.unknown')
  if (order.personId !== personId && !ownsItem(order, personId)) throw new UserError('web.unknown')
  return order
}

export const purchaseRoutes = [purchases, purchase, file, takeBack]

export type PurchasesAnswer = WebAnswer<typeof purchases>
export type PurchaseAnswer = WebAnswer<typeof purchase>
