import { starsPremiumSql } from './tables.ts'
import { detailsAnd } from '#shared/db/build.ts'
import type { Context } from '#shared/context.ts'
import type { Sql } from '#shared/db/db.ts'
import type { Order } from '#shared/money/tables.ts'
import { UserError } from '#shared/errors.ts'
import { readBalance } from '#shared/money/read.ts'
import type { Money } from '#shared/money.ts'
import { readOrder } from '#shared/money/orders.ts'
import type { ResellerClient } from './reseller/client.ts'
import type { Currency } from './currency.ts'
import { resoldGood } from './good.ts'
import { type Payable, payableWith } from './payable.ts'
import { awaitPayment, reserveOrder, saleOf } from './orders.ts'
import { supplierPrices } from './prices.ts'
import { quote } from './quote.ts'
import type { Quote } from './quote.ts'
import { knownRecipients, lookUpRecipients, sameRecipients } from './recipients.ts'
import { saleStops } from './sale-stops.ts'
import { uncommitted } from './wallet.ts'

export type PlaceContext = Pick<Context, 'db' | 'settings' | 'bots'> & {
  client: () => Promise<ResellerClient>
}

export type Placed =
  /** The money is set aside, and the order is fulfilled by itself. */
  | { outcome: 'reserved'; order: Order }
  /** The balance is too small by `missing` minor units of `currency`; the order waits for a top-up. */
  | { outcome: 'short'; order: Order; currency: Currency; missing: bigint }
  /** The order was placed before or is over: nothing happened. */
  | { outcome: 'moved'; order: Order }

/**
 * The buyer's yes to a draft, or the continuation of an order whose money has come. Everything that was shown is
 * checked again first, then one transaction sets the money aside.
 * @throws UserError order-stale, order-expired, sale-stopped, sale-too-large, price-changed, recipient-changed, ...: no charge
 */
export async function placeOrder(
  context: PlaceContext,
  orderId: string,
  by: { personId: bigint; currency: Currency; actor: string },
): Promise<Placed> {
  const { db } = context
  const order = await readOrder(db, orderId)
  if (!order || order.personId !== by.personId) throw new UserError('order.stale')
  if (order.state !== 'draft' && order.state !== 'awaiting_payment') return { outcome: 'moved', order }
  if (order.expiresAt && order.expiresAt.getTime() < Date.now()) throw new UserError('order.expired')
  const now = await checkAgain(context, order)

  const { goods, way, unitPrice } = saleOf(order)
  const { bot, personId } = order
  const sale = { goods, way, price: BigInt(unitPrice), costRub: now.costRub, bot, personId }
  // Who topped up for a price in tokens gets that price as well, whatever a token costs by now.
  const agreed = agreedUnit(order, by.currency)
  const waited = order.state === 'awaiting_payment'
  const payable = await payableWith(context, sale, by.currency, waited ? agreed : undefined)
  if (agreed !== undefined && payable.unit !== agreed) throw new UserError('price.changed')
  try {
    const placed = await db.tx(async (tx) => {
      const current = await payWith(tx, order.id, by.currency, payable)
      return current && (await reserveOrder(tx, current, by.actor))
    })
    return placed ? { outcome: 'reserved', order: placed } : await asItIs(db, order.id)
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'balance.insufficient') throw error
  }
  return db.tx(async (tx) => {
    const current = await payWith(tx, order.id, by.currency, payable)
    const waiting = current && (await awaitPayment(tx, current, by.actor))
    if (!waiting) return asItIs(tx, order.id)
    const { available } = await readBalance(tx, by.personId, by.currency)
    const missing = payable.unit * BigInt(saleOf(order).recipients.length) - available
    return { outcome: 'short', order: waiting, currency: by.currency, missing: missing > 0n ? missing : 0n }
  })
}

/** What the buyer said yes to, or was shown, for one recipient; undefined = a draft of a build before. */
function agreedUnit(order: Order, currency: Currency): bigint | undefined {
  const { payWith, unitPaid, unitTokens, unitPrice } = saleOf(order)
  const shown = currency === 'TOK' ? unitTokens : unitPrice
  const agreed = payWith === currency ? unitPaid : shown
  return agreed === undefined ? undefined : BigInt(agreed)
}

async function asItIs(sql: Sql, id: string): Promise<Placed> {
  return { outcome: 'moved', order: (await readOrder(sql, id))! }
}

/** These checks call other servers, so they run before the transaction. */
async function checkAgain(context: PlaceContext, order: Order): Promise<Quote> {
  const { db, settings, client } = context
  const sale = saleOf(order)
  const viaReseller = sale.way === 'fragment'
  if (viaReseller) await refuseWhileStopped(db)
  const prices = viaReseller ? await supplierPrices(db, client).catch(() => undefined) : undefined
  const now = await quote(settings, prices, order.bot, sale.goods)
  await resoldGood(sale.goods.kind).check?.(context, order.bot, sale.goods)
  // Who topped up for a price gets that price, unless the sale would now be a loss.
  const waited = order.state === 'awaiting_payment'
  if (now.way !== sale.way || (!waited && now.price !== BigInt(sale.unitPrice))) {
    throw new UserError('price.changed')
  }
  if (waited && now.costRub !== undefined && now.costRub > BigInt(sale.unitPrice)) {
    throw new UserError('sale.below-cost')
  }
  if (now.cost && (await isTooLarge(db, now.cost, sale.recipients.length)))
    throw new UserError('sale.too-large')
  const names = sale.recipients.map((one) => one.username ?? '')
  const found = viaReseller
    ? await lookUpRecipients(client, names, db)
    : await knownRecipients(context, order.bot, names)
  sameRecipients(sale.recipients, found)
  return now
}

/** Money is not taken for goods that our wallet at the reseller cannot pay for. */
async function isTooLarge(sql: Sql, cost: Money, count: number): Promise<boolean> {
  const left = await uncommitted(sql, cost.asset)
  return left !== undefined && left < cost.amount * BigInt(count)
}

/** @throws UserError `sale.stopped` */
export async function refuseWhileStopped(sql: Sql): Promise<void> {
  if ((await saleStops(sql)).length > 0) throw new UserError('sale.stopped')
}

/**
 * Locks the order and stores how it is paid.
 * @returns undefined when the order has moved on
 */
async function payWith(
  tx: Sql,
  id: string,
  currency: Currency,
  { unit, mostBack }: Payable,
): Promise<Order | undefined> {
  const order = await readOrder(tx, id, true)
  if (!order || (order.state !== 'draft' && order.state !== 'awaiting_payment')) return undefined
  const { recipients } = saleOf(order)
  const price = unit * BigInt(recipients.length)
  const set = { payWith: currency, unitPaid: unit.toString(), mostBack: mostBack.toString() }
  await tx.rows(
    starsPremiumSql
      .updateTable('orders')
      .set({ asset: currency, price, details: detailsAnd(set) })
      .where('id', '=', id),
  )
  return { ...order, asset: currency, price, details: { ...order.details, ...set } }
}
