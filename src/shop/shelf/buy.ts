import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import { buyLackingTokens } from '#shared/money/exchange.ts'
import { reserve } from '#shared/money/holds.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import { createOrderIn, moveOrder, readOrder } from '#shared/money/orders.ts'
import { moneySql } from '#shared/money/tables.ts'
import { awaitMoney, stopWaiting } from '#shared/money/waiting.ts'
import type { Order, OrderState } from '#shared/money/tables.ts'
import type { Secrets } from '#shared/secrets.ts'
import { anyOf } from '#shared/db/build.ts'
import { canBeGift, wrapGift } from './gifts.ts'
import { ITEM, itemOf } from './good.ts'
import { isOffered, itemColumns, priceIn } from './items.ts'
import { kindOf } from './kinds/list.ts'
import { shelfSql } from './tables.ts'
import type { Item } from './tables.ts'
import { asOrdered, itemTerms } from './terms.ts'

/** An order waits for a day (see money/waiting.ts), with a line of the stock for a shorter while. */
const ASIDE_MINUTES = 30
/** Assets for which people can pay money in here. A price in another asset is paid only from the balance. */
const WAITED_FOR = ['TOK', 'RUB']

/** States of an order that was paid for, however it ended. */
const BOUGHT: OrderState[] = ['reserved', 'fulfilling', 'delivered', 'refunded', 'failed', 'review']
export const wasBought = ({ state }: Pick<Order, 'state'>): boolean => BOUGHT.includes(state)

export interface Wish {
  /** From the pressed button: the same press makes the same order. */
  id: string
  itemId: bigint
  personId: bigint
  bot: string
  /** The item's name in the buyer's language. */
  name: (item: Item) => string
  /** The terms on the pressed key; an order that waits keeps the terms with which it was made. */
  terms?: string
  /** Kopecks that may buy missing tokens, and the price of one token in kopecks. */
  roubles: { agreed: bigint; rate: bigint }
  /** The buyer's answers, encrypted for this order: see asks.ts. */
  given?: Buffer
  /** The purchase is a gift: its link can be opened for this many days. */
  gift?: number | undefined
  /** The key that encrypts the shelf's content: see seal.ts. */
  shelf: Secrets
  actor: string
}

/**
 * Paid for and delivered, in the caller's transaction: the price leaves the balance, what was bought becomes the buyer's,
 * and the order is delivered, or nothing of it happens. What an admin does is paid for by money that is set aside, and so is
 * what waits for whoever opens it.
 * @returns with `already` that it was bought before: by the same press, or by money that came meanwhile
 * @throws UserError `item.gone`, `item.changed`, `item.limit`, `item.sold-out`, `order.stale`, `balance.insufficient`
 */
export async function buyItem(tx: Sql, wish: Wish): Promise<{ order: Order; already: boolean }> {
  const { id, personId, bot, actor } = wish
  const found = await itemForBuyer(tx, wish)
  const known = await ownOrder(tx, wish)
  if (known && known.state !== 'awaiting_payment') return { order: known, already: true }
  const item = await mayHave(tx, wish, found, known)
  const isPromised = wish.gift !== undefined || kindOf(item).byHand === true
  // An order that is delivered at once is written as such: whatever refuses it below takes it back.
  const fresh = known ? undefined : await draft(tx, wish, item, isPromised ? [] : ['reserved', 'delivered'])
  const price = known?.price ?? priceIn(item, bot)
  const goods = { id, shelf: wish.shelf, personId }
  const promised =
    wish.gift === undefined
      ? await kindOf(item).take(tx, known ? asOrdered(item, known) : item, goods)
      : await wrapGift(tx, item, { ...goods, days: wish.gift })
  if (item.asset === 'TOK')
    await buyLackingTokens(tx, { reference: id, personId, bot, price, ...wish.roubles })
  const from: OrderState[] = ['draft', 'awaiting_payment']
  if (promised) {
    const set = { promisedUntil: promised.toISOString() }
    const reserved = await moveOrder(tx, id, 'reserved', { actor, from, set })
    await reserve(tx, { reference: id, personId, asset: item.asset, amount: price, bot })
    return { order: reserved!, already: false }
  }
  await post(
    tx,
    transfer(
      { person: personId },
      { system: 'sales' },
      { asset: item.asset, amount: price },
      {
        reference: `capture-${id}`,
        kind: ITEM.entry,
        description: item.name.ru,
        bot,
        details: { order: id, item: String(item.id) },
      },
    ),
  )
  const delivered = fresh ?? (await moveOrder(tx, id, 'delivered', { actor, from, through: 'reserved' }))
  return { order: delivered!, already: false }
}

/**
 * The balance is too small: the order waits for money at the price that was shown, with a line of the stock set aside.
 * @throws UserError as buyItem, and `item.no-money` where no way of paying brings what it costs
 */
export async function awaitItem(tx: Sql, wish: Wish): Promise<{ order: Order; aside: Date | undefined }> {
  const { id, personId, actor } = wish
  const found = await itemForBuyer(tx, wish)
  const known = await ownOrder(tx, wish)
  if (known && known.state !== 'awaiting_payment') return { order: known, aside: undefined }
  const item = await mayHave(tx, wish, found, known)
  if (!WAITED_FOR.includes(item.asset)) throw new UserError('item.no-money', { asset: item.asset })
  if (!known) {
    // A person who wants two of an item must pay for the first one first.
    for (const other of await waitingFor(tx, personId, item.id))
      await dropWaitingItem(tx, other, 'shop', 'another')
    await draft(tx, wish, item)
  }
  const kind = kindOf(item)
  const aside = await kind.setAside?.(tx, item, id, ASIDE_MINUTES)
  if (kind.setAside && !aside) throw new UserError('item.sold-out')
  const order = await awaitMoney(tx, id, { actor, agreed: wish.roubles.agreed })
  return { order: order!, aside }
}

/** Ends an order that waits for money. Nothing was charged, and what was topped up stays on the balance. */
export async function stopWaitingForItem(tx: Sql, id: string, actor: string, reason = ''): Promise<boolean> {
  const moved = await stopWaiting(tx, id, actor, reason)
  if (moved?.good === ITEM.kind) await kindOf(itemOf(moved)).giveBack?.(tx, id)
  return moved !== undefined
}

/** Ends an order as `stopWaitingForItem` does; the message that asked for the money loses its keys. */
export async function dropWaitingItem(tx: Sql, id: string, actor: string, reason = ''): Promise<boolean> {
  const stopped = await stopWaitingForItem(tx, id, actor, reason)
  if (stopped) await ITEM.order.waiting.over(tx, id)
  return stopped
}

/**
 * Reads the item and locks the person, so that purchases of one person are made one after another: how many they may have is
 * counted exactly. What other purchases of this person have written meanwhile is seen by the statements that follow.
 */
async function itemForBuyer(tx: Sql, { itemId, personId }: Wish): Promise<Item | undefined> {
  const [item] = await tx.rows(
    shelfSql
      .with('buyer', (buyer) =>
        buyer.selectFrom('persons').select('id').where('id', '=', personId).forNoKeyUpdate(),
      )
      .selectFrom('shelf_items')
      .select(itemColumns)
      .where('shelf_items.id', '=', itemId)
      .where((is) => is.exists(is.selectFrom('buyer').select('buyer.id'))),
  )
  return item
}

/**
 * @returns the order that this press made before
 * @throws UserError `order.stale` when it is over or belongs to somebody else
 */
async function ownOrder(tx: Sql, { id, personId }: Wish): Promise<Order | undefined> {
  const order = await readOrder(tx, id, true)
  if (!order) return undefined
  const lives: OrderState[] = ['awaiting_payment', ...BOUGHT]
  if (order.personId !== personId || !lives.includes(order.state)) throw new UserError('order.stale')
  return order
}

/** @throws UserError when this person cannot have the item now, or saw other terms */
async function mayHave(tx: Sql, wish: Wish, item: Item | undefined, known: Order | undefined): Promise<Item> {
  const { personId, bot, terms, roubles, id, gift } = wish
  if (!item || !isOffered(item, bot, new Date())) throw new UserError('item.gone')
  if (
    known ? known.asset !== item.asset : terms !== undefined && !sameTerms(item, bot, terms, roubles.agreed)
  )
    throw new UserError('item.changed')
  // The lines of a stock are checked by taking one, because the order may have its own line set aside.
  if (!kindOf(item).setAside && (await kindOf(item).left(tx, item, 1, bot)) === 0)
    throw new UserError('item.sold-out')
  if (gift !== undefined && !canBeGift(item)) throw new UserError('item.gone')
  // A gift counts towards the limit of the person who opens it.
  if (gift === undefined) await mayHaveMore(tx, item, personId, id)
  return item
}

/**
 * Checks the limit per person, and what the kind says of the person; the caller has locked the person's row: see
 * itemForBuyer.
 * @throws UserError `item.limit`, or the kind's own
 */
export async function mayHaveMore(tx: Sql, item: Item, personId: bigint, orderId: string): Promise<void> {
  if (item.perPerson !== null && (await countOf(tx, personId, item.id, orderId)) >= item.perPerson)
    throw new UserError('item.limit', { most: item.perPerson })
  await kindOf(item).admits?.(tx, item, personId)
}

const sameTerms = (item: Item, bot: string, terms: string, agreed: bigint): boolean =>
  terms === itemTerms(item, bot, agreed) || terms === itemTerms(item, bot, 0n)

/** @param through the states that the order passes at once: see createOrderIn */
async function draft(
  tx: Sql,
  wish: Wish,
  item: Item,
  through: readonly OrderState[] = [],
): Promise<Order | undefined> {
  const { id, personId, bot, name, actor, given, shelf, gift } = wish
  const promise = kindOf(item).promise?.(item)
  const details = {
    item: String(item.id),
    name: name(item),
    kind: item.kind,
    ...(promise && { promise }),
    ...(gift !== undefined && { gift }),
  }
  const price = priceIn(item, bot)
  const made = { id, personId, bot, good: ITEM.kind, asset: item.asset, price, details }
  const order = await createOrderIn(tx, made, actor, through)
  await kindOf(item).begin?.(tx, item, { id, bot, given, shelf })
  return order
}

/** How many of an item a person has besides this order, including opened gifts and without refunded ones. */
async function countOf(tx: Sql, personId: bigint, itemId: bigint, besides: string): Promise<number> {
  const had = anyOf<OrderState>(['reserved', 'fulfilling', 'delivered', 'unknown', 'review'])
  const rows = await tx.rows(
    ordersFor(personId, itemId)
      .where('state', '=', had)
      .where('id', '<>', besides)
      .where(q<boolean>`not details ? 'gift'`),
  )
  const gifts = await tx.rows(
    moneySql
      .selectFrom('orders')
      .select('id')
      .where('id', '=', openedBy(personId))
      .where(q<string>`details ->> 'item'`, '=', String(itemId))
      .where('state', '=', had),
  )
  return rows.length + gifts.length
}

async function waitingFor(tx: Sql, personId: bigint, itemId: bigint): Promise<string[]> {
  const rows = await tx.rows(ordersFor(personId, itemId).where('state', '=', 'awaiting_payment'))
  return rows.map(({ id }) => id)
}

const ordersFor = (personId: bigint, itemId: bigint) =>
  moneySql
    .selectFrom('orders')
    .select('id')
    .where('person_id', '=', personId)
    .where('good', '=', ITEM.kind)
    .where(q<string>`details ->> 'item'`, '=', String(itemId))

/** Orders of gifts that this person opened. */
const openedBy = (personId: bigint) =>
  q<string>`any(array(select order_id from shelf_gifts where opened_by = ${personId}))`

/** Everything that a person has bought or opened as a gift, newest first, including refunded orders. */
export const purchasedItems = (sql: Sql, personId: bigint, page: { limit: number; offset: number }) =>
  sql.rows(
    moneySql
      .selectFrom('orders')
      .select(['id', 'details', 'state', 'created_at as createdAt'])
      .where((row) => row.or([row('person_id', '=', personId), row('id', '=', openedBy(personId))]))
      .where('good', '=', ITEM.kind)
      .where('state', '=', anyOf<OrderState>(BOUGHT))
      .orderBy('created_at', 'desc')
      .orderBy('id')
      .limit(page.limit)
      .offset(page.offset),
  )

/** The wish that an order which waits was made of. */
export const wishOf = (
  order: Order,
  { roubles, shelf, actor }: Pick<Wish, 'roubles' | 'shelf' | 'actor'>,
): Wish => ({
  id: order.id,
  itemId: BigInt(itemOf(order).item),
  personId: order.personId,
  bot: order.bot,
  name: () => itemOf(order).name,
  gift: itemOf(order).gift,
  roubles,
  shelf,
  actor,
})
