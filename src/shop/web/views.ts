import { readOrder } from '#shared/money/orders.ts'
import { readHtml } from '#shared/i18n/html.ts'
import type { Order, Payment } from '#shared/money/tables.ts'
import { LIVE_PAYMENTS, paymentLines } from '#shop/payments/words.ts'
import { PICTURE } from '#shop/pictures/good.ts'
import { countOf, goodsWords, isKind } from '#shop/stars-premium/good.ts'
import { saleOf, subOrders } from '#shop/stars-premium/orders.ts'
import type { RecipientCard } from '#shop/stars-premium/orders.ts'
import { nameOf, orderProgress } from '#shop/stars-premium/words.ts'
import type { Visitor } from './visitor.ts'

/*
 * What the pages show of rows: sentences and sums in the reader's language, written by the same functions as the bot's.
 * A page never sees a row itself, so nothing is shown that was not meant for it.
 */

/** A text of the bot without its tags. */
export const plain = (html: string): string => readHtml(html).text

export const recipientView = (one: RecipientCard | undefined) => ({
  name: one?.name ?? null,
  username: one?.username ?? null,
  hasPremium: one?.hasPremium ?? false,
})

/** How an order looks in a list. */
export function orderLine(
  visitor: Visitor,
  order: Pick<Order, 'id' | 'good' | 'state' | 'price' | 'asset' | 'details' | 'createdAt'>,
) {
  const { goods, recipients } = saleOf(order as Order)
  const names = recipients.map((one) => plain(nameOf(one)))
  return {
    id: order.id,
    kind: goods.kind,
    title: plain(visitor.t(`order-title-${goods.kind}`, goodsWords(goods))),
    recipient: names.length > 1 ? `× ${names.length}` : (names[0] ?? ''),
    price: visitor.money(order.price, order.asset),
    state: order.state,
    stateText: visitor.t(`order-state-${order.state}`),
    at: visitor.time(order.createdAt),
  }
}

const MOVING: readonly Order['state'][] = ['awaiting_payment', 'reserved', 'fulfilling', 'unknown', 'review']

export async function orderView(visitor: Visitor, order: Order) {
  const { goods, recipients } = saleOf(order)
  const parts = recipients.length > 1 ? await subOrders(visitor.app.db, order.id) : []
  const progress = orderProgress(visitor, order)
  return {
    ...orderLine(visitor, order),
    count: countOf(goods),
    people: recipients.map(recipientView),
    lines: progress.map(plain),
    /** Where the transfer can be looked up. */
    trace: /href="(https:[^"]+)"/.exec(progress.join('\n'))?.[1] ?? null,
    parts: parts.map((part) => orderLine(visitor, part)),
    isMoving: MOVING.includes(order.state),
    waits: order.state === 'awaiting_payment',
    again: order.state === 'failed' || order.state === 'delivered',
  }
}

/** The page that shows an order: each kind of good has its own. */
export async function placeOfOrder(
  { app }: Visitor,
  orderId: string | null | undefined,
): Promise<{ id: string; page: 'order' | 'picture' | 'waiting' } | null> {
  const order = orderId ? await readOrder(app.db, orderId) : undefined
  if (!order) return null
  const page = isKind(order.good) ? 'order' : order.good === PICTURE.kind ? 'picture' : 'waiting'
  return { id: order.id, page }
}

export async function paymentView(visitor: Visitor, payment: Payment) {
  const live = LIVE_PAYMENTS.includes(payment.state) && payment.booked === 0n
  const [title = '', ...lines] = paymentLines(visitor, payment).map(plain)
  const link = payment.details['payUrl']
  return {
    id: payment.id,
    title,
    lines,
    state: payment.state,
    live,
    sum: visitor.money(payment.amount, payment.asset),
    payUrl: live && typeof link === 'string' ? link : null,
    order: await placeOfOrder(visitor, payment.orderId),
    /** What came beside the invoice and can be taken to the balance. */
    rest:
      payment.suspended > 0n
        ? visitor.money(payment.suspended, payment.suspendedAsset ?? payment.asset)
        : null,
  }
}
