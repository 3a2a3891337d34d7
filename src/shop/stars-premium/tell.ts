import type { Sql } from '#shared/db/db.ts'
import type { Order } from '#shared/money/tables.ts'
import { type NoticeParams, owePersonNotice } from '#shared/notices.ts'
import { refreshCard } from './jobs.ts'
import { owe } from '#shared/queue/outbox.ts'

/** The order's live card shows its new state; sub-orders are lines of their head's card. */
export async function redraw(tx: Sql, order: Order, version: string): Promise<void> {
  const part = order.parentId ? `${order.id}-${version}` : version
  await owe(tx, refreshCard, { orderId: order.parentId ?? order.id, version: part })
}

/** A new message to the buyer, for an end that they may not be watching. */
export async function tellBuyer(
  tx: Sql,
  order: Order,
  text: string,
  params: NoticeParams = {},
): Promise<void> {
  await owePersonNotice(tx, {
    key: `${text}-${order.id}`,
    bot: order.bot,
    personId: order.personId,
    text,
    params,
    buttons: [[['order-open', 'order', order.parentId ?? order.id]]],
  })
}
