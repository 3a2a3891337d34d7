import { sql as q } from 'kysely'
import { lockPerson } from '#shared/people.ts'
import type { Context } from '#shared/context.ts'
import { eachApart } from '#shared/each-apart.ts'
import type { Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import { capture, release } from '#shared/money/holds.ts'
import { moveOrder, readOrder } from '#shared/money/orders.ts'
import type { Order } from '#shared/money/tables.ts'
import { owe } from '#shared/queue/outbox.ts'
import { mayHaveMore } from './buy.ts'
import { tellItemBuyer } from './endings.ts'
import { giftHash } from './gifts.ts'
import { ITEM, itemOf } from './good.ts'
import { readItem } from './items.ts'
import { refreshItemCard } from './jobs.ts'
import { kindOf } from './kinds/list.ts'
import { shelfSecrets } from './seal.ts'
import { shelfSql } from './tables.ts'
import { asOrdered } from './terms.ts'
import { NOW } from '#shared/db/build.ts'

/*
 * The two ends of a gift. The first person who opens its link gets it, and the money is ours; if nobody has opened it
 * until its date, the money goes back by itself, and before that its buyer may take it back. Each end is one guarded move of the order under the lock of the
 * gift's row, so only one of them happens.
 */

interface Opener {
  /** The token at the end of the link, as it came. */
  token: string
  personId: bigint
  bot: string
}

/**
 * Opens a gift. The same person again, or its buyer, changes nothing.
 * @throws UserError `gift.unknown`, `gift.opened`, `gift.over`, `gift.limit`, `gift.empty`: then the link stays as it
 * was
 */
export async function openGift(
  app: Pick<Context, 'db' | 'secrets'>,
  { token, personId, bot }: Opener,
): Promise<Order> {
  const shelf = await shelfSecrets(app)
  return await app.db.tx(async (tx) => {
    // As in a purchase, the person is locked first, so that the person's items are counted exactly.
    await lockPerson(tx, personId)
    const [gift] = await tx.rows(
      shelfSql
        .selectFrom('shelf_gifts')
        .select(['order_id as orderId', 'opened_by as openedBy'])
        .where('hash', '=', giftHash(token))
        .forUpdate(),
    )
    const order = gift && (await readOrder(tx, gift.orderId, true))
    if (!order || order.bot !== bot) throw new UserError('gift.unknown')
    if (order.personId === personId || gift.openedBy === personId) return order
    if (order.state !== 'reserved') throw new UserError(gift.openedBy === null ? 'gift.over' : 'gift.opened')
    const item = await readItem(tx, BigInt(itemOf(order).item))
    if (!item) throw new UserError('gift.empty')
    try {
      await mayHaveMore(tx, item, personId, order.id)
      await kindOf(item).take(tx, asOrdered(item, order), { id: order.id, shelf, personId })
    } catch (error) {
      const code = error instanceof UserError ? error.code : ''
      if (code === 'item.limit') throw new UserError('gift.limit', { most: item.perPerson! })
      if (code === 'item.sold-out') throw new UserError('gift.empty')
      if (code === 'item.chat-full') throw new UserError('gift.chat-full')
      throw error
    }
    const moved = await moveOrder(tx, order.id, 'delivered', {
      actor: `person:${personId}`,
      reason: 'the gift was opened',
      from: ['reserved'],
      set: { openedBy: String(personId) },
    })
    await tx.rows(
      shelfSql
        .updateTable('shelf_gifts')
        .set({ opened_by: personId, ended_at: NOW })
        .where('order_id', '=', order.id),
    )
    await capture(tx, order.id, {
      kind: ITEM.entry,
      description: item.name.ru,
      bot: order.bot,
      details: { order: order.id, item: String(item.id), openedBy: String(personId) },
    })
    await tellItemBuyer(tx, order, 'gift-opened', { text: 'shelf-gift-opened-notice' })
    await redraw(tx, moved!)
    return moved!
  })
}

/**
 * Takes back a gift that nobody has opened: its buyer may change their mind until somebody does.
 * @throws UserError `order.stale` when it is not their gift, `gift.too-late` when it was opened or ended a moment ago
 */
export async function takeGiftBack(tx: Sql, orderId: string, personId: bigint): Promise<void> {
  const order = await readOrder(tx, orderId)
  if (order?.good !== ITEM.kind || order.personId !== personId) throw new UserError('order.stale')
  if (!(await endGift(tx, orderId, `person:${personId}`, 'the buyer took the gift back')))
    throw new UserError('gift.too-late')
}

/**
 * Ends a gift: its date has passed, or its buyer takes it back.
 * @returns false when somebody ended it a moment ago
 */
export async function endGift(
  tx: Sql,
  orderId: string,
  actor: string,
  reason = 'nobody opened the gift',
): Promise<boolean> {
  // The gift's row is locked before the order moves, which also proves that the order is a gift.
  const rows = await tx.rows(
    shelfSql.selectFrom('shelf_gifts').select('order_id').where('order_id', '=', orderId).forUpdate(),
  )
  if (rows.length === 0) return false
  const moved = await moveOrder(tx, orderId, 'failed', { actor, reason, from: ['reserved'] })
  if (!moved) return false
  await kindOf(itemOf(moved)).giveBack?.(tx, orderId)
  await tx.rows(shelfSql.updateTable('shelf_gifts').set({ ended_at: NOW }).where('order_id', '=', orderId))
  await release(tx, orderId, reason)
  await tellItemBuyer(tx, moved, 'gift-over', {
    text: 'shelf-gift-over-notice',
    params: { sum: { asset: moved.asset, amount: moved.price } },
  })
  await redraw(tx, moved)
  return true
}

/** Gifts ended in one look; the next look comes within 30 s. */
const MOST = 200

/** Ends gifts whose date has passed. Two looks at once end different gifts. */
export async function endGifts({ db }: Pick<Context, 'db'>): Promise<void> {
  const over = await db.rows(
    shelfSql
      .selectFrom('shelf_gifts')
      .select('order_id as orderId')
      .where(q<boolean>`ended_at is null and due_at < now()`)
      .orderBy('due_at')
      .limit(MOST),
  )
  await eachApart(over, ({ orderId }) => db.tx((tx) => endGift(tx, orderId, 'worker:upkeep')))
}

const redraw = (tx: Sql, { id, state }: Order) => owe(tx, refreshItemCard, { orderId: id, version: state })
