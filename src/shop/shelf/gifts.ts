import { createHash } from 'node:crypto'
import { sql as q } from 'kysely'
import type { Db, Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import type { Order } from '#shared/money/tables.ts'
import type { Secrets } from '#shared/secrets.ts'
import { itemOf } from './good.ts'
import { kindOf } from './kinds/list.ts'
import { shelfSecrets } from './seal.ts'
import { shelfSql } from './tables.ts'
import type { Item } from './tables.ts'
import { linkOfBot } from '#shared/telegram/link-of-bot.ts'

/* A gift is paid with money that is set aside, and belongs to nobody until its link is opened; see giving.ts. */

/**
 * A gift's line is returned only by the gift's end and not by a timer, so it is set aside for a hundred years
 * (minutes).
 */
const UNTIL_ITS_END = 100 * 365 * 24 * 60
/** 132 bits; together with `gift_` it uses 27 of the 64 characters that a link may have. */
const TOKEN = 22

/** A service with questions cannot be a gift, because it is done for the person who answered. */
export const canBeGift = (item: Pick<Item, 'kind'>): boolean => !kindOf(item).asks

/**
 * The link's token is computed from the order and a key of the vault: the buyer can see it again, and no table
 * contains it.
 */
export const tokenOf = (shelf: Secrets, orderId: string): string => shelf.sign('shelf gift', orderId, TOKEN)

export const giftHash = (token: string): string => createHash('sha256').update(token).digest('hex')

/**
 * Makes an order a gift, in the transaction that pays for it.
 * @returns until when it may be opened
 * @throws UserError `item.sold-out`
 */
export async function wrapGift(
  tx: Sql,
  item: Item,
  order: { id: string; shelf: Secrets; days: number },
): Promise<Date> {
  const kind = kindOf(item)
  if (kind.setAside && !(await kind.setAside(tx, item, order.id, UNTIL_ITS_END)))
    throw new UserError('item.sold-out')
  const [row] = await tx.rows(
    shelfSql
      .insertInto('shelf_gifts')
      .values({
        order_id: order.id,
        hash: giftHash(tokenOf(order.shelf, order.id)),
        due_at: q`now() + ${order.days} * interval '1 day'`,
      })
      .returning('due_at as dueAt'),
  )
  return row!.dueAt
}

/** The link of a gift for its buyer, as long as nobody has opened the gift. */
export async function linkOfGift(
  app: { db: Db; secrets: Secrets },
  order: Pick<Order, 'id' | 'bot' | 'state' | 'details'>,
): Promise<string | undefined> {
  if (itemOf(order).gift === undefined || order.state !== 'reserved') return undefined
  const chat = await linkOfBot(app.db, order.bot)
  return chat && `${chat}?start=gift_${tokenOf(await shelfSecrets(app), order.id)}`
}
