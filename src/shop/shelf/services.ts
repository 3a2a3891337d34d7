import { audit } from '#shared/audit.ts'
import type { Context } from '#shared/context.ts'
import type { Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import { capture, release } from '#shared/money/holds.ts'
import { checkDecider } from '#shared/money/decisions.ts'
import { moveOrder, readOrder } from '#shared/money/orders.ts'
import type { Order } from '#shared/money/tables.ts'
import { owe } from '#shared/queue/outbox.ts'
import { tellItemBuyer } from './endings.ts'
import { ITEM, itemOf } from './good.ts'
import { refreshItemCard } from './jobs.ts'
import { readItem } from './items.ts'
import { shelfSecrets } from './seal.ts'
import { shelfSql } from './tables.ts'
import { NOW } from '#shared/db/build.ts'

/*
 * A service between its payment and its end. The money is set aside when the service is ordered; an admin takes the
 * order and then delivers or refuses it; when its time is over the money goes back by itself. Each end is one guarded
 * move of the order, so either an admin or the timer ends it.
 */

const OPEN = ['reserved', 'fulfilling'] as const

interface By {
  admin: bigint
  bot: string
}

/**
 * An admin takes the order; another admin of the bot may still deliver it.
 * @throws UserError `order.moved`
 */
export async function takeService(app: Pick<Context, 'db'>, orderId: string, by: By): Promise<void> {
  await app.db.tx(async (tx) => {
    const moved = await moveService(tx, orderId, 'fulfilling', {
      actor: `admin:${by.admin}`,
      from: ['reserved'],
    })
    await tx.rows(
      shelfSql.updateTable('shelf_services').set({ taken_by: by.admin }).where('order_id', '=', orderId),
    )
    await audit(tx, { actor: by.admin, action: 'service.taken', target: orderId, bot: by.bot })
    await redraw(tx, moved)
  })
}

/**
 * The service is done: the money is ours, and the buyer gets the admin's text.
 * @throws UserError `order.moved`
 */
export async function deliverService(
  app: Pick<Context, 'db' | 'secrets'>,
  orderId: string,
  by: By & { words: string },
): Promise<void> {
  const shelf = await shelfSecrets(app)
  await app.db.tx(async (tx) => {
    const moved = await moveService(tx, orderId, 'delivered', { actor: `admin:${by.admin}`, from: OPEN })
    const { item, name } = itemOf(moved)
    await end(tx, orderId, shelf.encrypt(`shelf result ${orderId}`, by.words))
    const sold = await readItem(tx, BigInt(item))
    await capture(tx, orderId, {
      kind: ITEM.entry,
      description: sold?.name.ru ?? name,
      bot: moved.bot,
      details: { order: orderId, item },
    })
    await audit(tx, { actor: by.admin, action: 'service.delivered', target: orderId, bot: by.bot })
    await tellItemBuyer(tx, moved, 'served', {
      text: 'shelf-served-notice',
      buttons: [['shelf-key-see', 'item-order', orderId]],
    })
    await redraw(tx, moved)
  })
}

/**
 * The service will not be done: the money goes back. About an order of their own another admin must say so, because the
 * service may be done already.
 * @throws UserError `order.moved`, `admin.own-money`, `admin.invited`
 */
export async function refuseService(
  app: Pick<Context, 'db'>,
  orderId: string,
  by: By & { reason: string },
): Promise<void> {
  await app.db.tx(async (tx) => {
    // Not locked here: whose order it is never changes, and the service's row is locked before its order.
    const order = await readOrder(tx, orderId)
    if (order) await checkDecider(tx, by.admin, order.personId)
    await giveUp(tx, orderId, `admin:${by.admin}`, by.reason, {
      text: 'shelf-refused-notice',
      params: { reason: by.reason },
    })
    await audit(tx, {
      actor: by.admin,
      action: 'service.refused',
      target: orderId,
      bot: by.bot,
      details: { reason: by.reason },
    })
  })
}

/**
 * The service's time is over.
 * @returns false when somebody ended it a moment ago
 */
export async function endOverdue(tx: Sql, orderId: string, actor: string): Promise<boolean> {
  try {
    await giveUp(tx, orderId, actor, 'time is over', { text: 'shelf-overdue-notice' })
    return true
  } catch (error) {
    if (error instanceof UserError && error.code === 'order.moved') return false
    throw error
  }
}

async function giveUp(
  tx: Sql,
  orderId: string,
  actor: string,
  reason: string,
  notice: { text: string; params?: { reason: string } },
): Promise<void> {
  const moved = await moveService(tx, orderId, 'failed', {
    actor,
    reason,
    from: OPEN,
    set: { reason: notice.params?.reason ?? null },
  })
  await end(tx, orderId, null)
  await release(tx, orderId, reason)
  const sum = { asset: moved.asset, amount: moved.price }
  await tellItemBuyer(tx, moved, 'not-served', { text: notice.text, params: { sum, ...notice.params } })
  await redraw(tx, moved)
}

async function moveService(
  tx: Sql,
  orderId: string,
  to: 'fulfilling' | 'delivered' | 'failed',
  move: Parameters<typeof moveOrder>[3],
): Promise<Order> {
  // The row says that it is a service, before anything of another good is moved.
  const rows = await tx.rows(
    shelfSql.selectFrom('shelf_services').select('order_id').where('order_id', '=', orderId).forUpdate(),
  )
  const moved = rows.length > 0 ? await moveOrder(tx, orderId, to, move) : undefined
  if (!moved) throw new UserError('order.moved')
  return moved
}

async function end(tx: Sql, orderId: string, result: Buffer | null): Promise<void> {
  await tx.rows(
    shelfSql.updateTable('shelf_services').set({ ended_at: NOW, result }).where('order_id', '=', orderId),
  )
}

const redraw = (tx: Sql, { id, state }: Order) => owe(tx, refreshItemCard, { orderId: id, version: state })
