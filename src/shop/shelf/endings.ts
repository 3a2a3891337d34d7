import { sql as q } from 'kysely'
import { audit } from '#shared/audit.ts'
import type { Context } from '#shared/context.ts'
import { UserError } from '#shared/errors.ts'
import { checkDecider, decideMoney, readPolicy } from '#shared/money/decisions.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import { moveOrder, noteOrder, readOrder } from '#shared/money/orders.ts'
import { moneySql } from '#shared/money/tables.ts'
import type { Card, Order } from '#shared/money/tables.ts'
import { owePersonNotice } from '#shared/notices.ts'
import type { PersonNotice } from '#shared/notices.ts'
import { newId } from '#shared/ids.ts'
import { lockPerson } from '#shared/people.ts'
import type { Sql } from '#shared/db/db.ts'
import { ITEM, itemOf } from './good.ts'
import { readItem } from './items.ts'
import { kindOf } from './kinds/list.ts'
import { shelfSecrets } from './seal.ts'
import { takeBonusesBack } from '#shop/loyalty/promo/bonus.ts'

type App = Pick<Context, 'db' | 'settings' | 'config' | 'bots'>

interface By {
  admin: bigint
  bot: string
  reason: string
}

/**
 * Refunds a purchase: the price goes back to the buyer, who loses the goods; a line that somebody saw is not sold
 * again.
 * @throws UserError `order.moved` when the order cannot be refunded now
 */
export async function refundItem(app: App, orderId: string, by: By): Promise<'done' | 'second-needed'> {
  const policy = await readPolicy(app, by.bot)
  return await app.db.tx(async (tx) => {
    await lockHolder(tx, orderId)
    const order = await bought(tx, orderId)
    const money = { asset: order.asset, amount: order.price }
    await mayDecide(tx, order, by)
    const decided = await decideMoney(tx, policy, {
      ...decisionAbout(order, by),
      reference: `order-refund-${orderId}`,
    })
    if (decided === 'second-needed') return decided
    await payItemBack(tx, order, { actor: `admin:${by.admin}`, reason: by.reason })
    await note(tx, order, by, 'item.refunded')
    const { openedBy } = itemOf(order)
    if (openedBy !== undefined)
      await tellItemBuyer(tx, order, 'taken-back', {
        text: 'shelf-gift-back-notice',
        params: { reason: by.reason },
        personId: BigInt(openedBy),
      })
    await tellItemBuyer(tx, order, `refunded`, {
      text: 'shelf-refunded-notice',
      params: { sum: money, reason: by.reason },
    })
    return 'done'
  })
}

/**
 * Locks whoever has the goods, as a purchase does, before the order: a further purchase of theirs, which may begin where this
 * one ends, comes before or after the refund.
 */
export async function lockHolder(tx: Sql, orderId: string): Promise<void> {
  const order = await readOrder(tx, orderId)
  if (order?.good === ITEM.kind) await lockPerson(tx, BigInt(itemOf(order).openedBy ?? order.personId))
}

/** The same refund without an admin's decision and without a message; also used for what the shop cannot deliver. */
export async function payItemBack(
  tx: Sql,
  order: Order,
  { actor, reason }: { actor: string; reason: string },
): Promise<void> {
  await moveOrder(tx, order.id, 'refunded', { actor, reason, from: ['delivered'] })
  await kindOf(itemOf(order)).withdraw?.(tx, order.id, reason)
  await post(
    tx,
    transfer(
      { system: 'sales' },
      { person: order.personId },
      { asset: order.asset, amount: order.price },
      {
        reference: `refund-${order.id}`,
        kind: 'refund',
        description: reason,
        bot: order.bot,
        details: { order: order.id, actor },
      },
    ),
  )
  await takeBonusesBack(tx, { details: { order: order.id }, bot: order.bot })
}

/**
 * Replaces goods that do not work. The buyer may have used the first ones, so it is a decision about money like a
 * refund.
 * @param seen the number of replacements that the admin saw, so that a second press changes nothing
 * @throws UserError `order.moved`, `item.sold-out`, `item.code-used`
 */
export async function replaceBought(
  app: App & Pick<Context, 'secrets'>,
  orderId: string,
  by: By,
  seen?: number,
): Promise<'done' | 'second-needed'> {
  const [shelf, policy] = [await shelfSecrets(app), await readPolicy(app, by.bot)]
  return await app.db.tx(async (tx) => {
    const order = await bought(tx, orderId)
    const kind = kindOf(itemOf(order))
    const item = await readItem(tx, BigInt(itemOf(order).item))
    if (!kind.replaceable || !item) throw new UserError('order.moved')
    const holder = BigInt(itemOf(order).openedBy ?? order.personId)
    const earlier = await replacements(tx, orderId)
    if (seen !== undefined && seen !== earlier) throw new UserError('order.moved')
    await mayDecide(tx, order, by)
    const decided = await decideMoney(tx, policy, {
      ...decisionAbout(order, by),
      personId: holder,
      // A further replacement of the same order is a separate decision.
      reference: `item-replace-${orderId}-${earlier}`,
    })
    if (decided === 'second-needed') return decided
    await kind.withdraw?.(tx, orderId, by.reason)
    await kind.take(tx, item, { id: orderId, shelf, personId: holder })
    await noteOrder(tx, orderId, {
      actor: `admin:${by.admin}`,
      reason: `another one: ${by.reason}`,
      details: { replaced: true },
    })
    await note(tx, order, by, 'item.replaced')
    await tellItemBuyer(tx, order, `replaced-${newId()}`, {
      text: 'shelf-replaced-notice',
      params: { reason: by.reason },
      buttons: [['shelf-key-see', 'item-order', order.id]],
      personId: holder,
    })
    return 'done'
  })
}

/** How many times the goods of this order were replaced. */
export async function replacements(sql: Sql, orderId: string): Promise<number> {
  const rows = await sql.rows(
    moneySql
      .selectFrom('order_events')
      .select('id')
      .where('order_id', '=', orderId)
      .where(q<boolean>`details ? 'replaced'`),
  )
  return rows.length
}

const decisionAbout = ({ id, personId, asset, price }: Order, { bot, admin }: By) => ({
  kind: 'order' as const,
  bot,
  by: admin,
  personId,
  money: { asset, amount: price },
  find: `/find ${id}`,
})

/**
 * Nobody decides about his own, and a gift is of two people: who paid for it and who has opened it.
 * @throws UserError `admin.own-money`, `admin.invited`
 */
async function mayDecide(tx: Sql, order: Order, { admin }: By): Promise<void> {
  await checkDecider(tx, admin, order.personId)
  const { openedBy } = itemOf(order)
  if (openedBy !== undefined) await checkDecider(tx, admin, BigInt(openedBy))
}

async function bought(tx: Sql, orderId: string): Promise<Order> {
  const order = await readOrder(tx, orderId, true)
  if (order?.good !== ITEM.kind || order.state !== 'delivered') throw new UserError('order.moved')
  return order
}

async function note(tx: Sql, { id }: Order, { admin, bot, reason }: By, action: string): Promise<void> {
  await audit(tx, { actor: admin, action, target: id, bot, details: { reason } })
}

/** The message never contains the goods, because notices wait in queues in clear text. */
export async function tellItemBuyer(
  tx: Sql,
  order: Order,
  key: string,
  {
    text,
    params,
    buttons = [],
    links,
    personId = order.personId,
    card,
    asksFor,
  }: Pick<PersonNotice, 'text' | 'params' | 'links' | 'asksFor'> & {
    buttons?: string[][]
    personId?: bigint
    /** The message that asked for the money now says the same, without its keys. */
    card?: Card | null
  },
): Promise<void> {
  await owePersonNotice(tx, {
    key: `item-${order.id}-${key}`,
    bot: order.bot,
    personId,
    text,
    params: { name: itemOf(order).name, ...params },
    ...(links && { links }),
    ...(asksFor !== undefined && { asksFor }),
    ...(card && { card: { ...card, text, orderId: order.id } }),
    buttons: [...buttons.map((one) => [one]), [['menu-open', 'menu-below']]],
  })
}
