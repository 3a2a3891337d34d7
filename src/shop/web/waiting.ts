import { z } from 'zod'
import { UserError } from '#shared/errors.ts'
import { meansOfOrder } from '#shared/money/exchange.ts'
import { readOrder } from '#shared/money/orders.ts'
import type { Order } from '#shared/money/tables.ts'
import { endWaiting } from '#shared/money/waiting.ts'
import { owe } from '#shared/queue/outbox.ts'
import { PLAN } from '#shop/loyalty/good.ts'
import { resumePlan } from '#shop/loyalty/jobs.ts'
import { planOf } from '#shop/loyalty/subscriptions/waiting.ts'
import { restInvoice } from '#shop/payments/rest-invoice.ts'
import type { RestOf } from '#shop/payments/rest-invoice.ts'
import { dropWaitingItem, wasBought } from '#shop/shelf/buy.ts'
import { ITEM, itemOf } from '#shop/shelf/good.ts'
import { resumeItem } from '#shop/shelf/jobs.ts'
import { draft, rowId as id, webRoute } from './route.ts'
import type { WebAnswer } from './route.ts'
import type { Visitor } from './visitor.ts'

/** The goods whose waiting orders have this page; pictures, Stars and Premium have pages of their own. */
const WAITERS: readonly string[] = [PLAN.kind, ITEM.kind]

/** A plan or an item that waits for money: what is missing, and every way to pay exactly that. */
const waiting = webRoute({
  method: 'GET',
  path: '/waiting/:id',
  input: z.object({ id }),
  run: async (visitor, input) => show(visitor, await theirs(visitor, input.id)),
})

/** The money has come meanwhile. */
const goOn = webRoute({
  method: 'POST',
  path: '/waiting/:id/go',
  input: z.object({ id, draft }),
  buys: true,
  async run(visitor, input) {
    const order = await theirs(visitor, input.id)
    if (order.state === 'awaiting_payment')
      await owe(visitor.app.db, order.good === ITEM.kind ? resumeItem : resumePlan, {
        orderId: order.id,
        paymentId: `balance-press-${input.draft}`,
      })
    return await show(visitor, order)
  },
})

const drop = webRoute({
  method: 'POST',
  path: '/waiting/:id/drop',
  input: z.object({ id }),
  async run(visitor, input) {
    const order = await theirs(visitor, input.id)
    const by = `person:${visitor.personId}`
    const stopped = await visitor.app.db.tx(async (tx) =>
      order.good === ITEM.kind
        ? await dropWaitingItem(tx, order.id, by)
        : (await endWaiting(tx, order.id, by)) !== undefined,
    )
    if (!stopped) throw new UserError('order.moved')
    return await show(visitor, await theirs(visitor, input.id))
  },
})

/** @throws UserError `web.unknown` for another person's order, as for one that does not exist */
async function theirs({ app, personId }: Visitor, orderId: string): Promise<Order> {
  const found = await readOrder(app.db, orderId)
  if (found?.personId !== personId || !WAITERS.includes(found.good)) throw new UserError('web.unknown')
  return found
}

async function show(visitor: Visitor, order: Order) {
  const waits = order.state === 'awaiting_payment'
  const isItem = order.good === ITEM.kind
  return {
    id: order.id,
    isItem,
    /** An item that was paid for has a page of its own. */
    isBought: isItem && wasBought(order),
    title: isItem ? itemOf(order).name : planOf(order).name,
    price: visitor.money(order.price, order.asset),
    state: order.state,
    stateText: visitor.t(`order-state-${order.state}`),
    rest: waits ? await restOf(visitor, isItem ? 'item-top-up' : 'plan-top-up', order) : null,
  }
}

/** What is missing of a price, and how it can be paid; Stars buy tokens only. */
export async function restOf(
  visitor: Visitor,
  name: RestOf,
  { id: orderId, asset, price }: Pick<Order, 'id' | 'asset' | 'price'>,
) {
  const means = await meansOfOrder(visitor, { asset, price })
  const isPaid = means.missing === 0n
  const ask = { name, orderId, tokens: asset === 'TOK' ? means.lacking : 0n }
  return {
    isPaid,
    sum: visitor.money(means.missing, 'RUB'),
    kopecks: isPaid ? null : String(means.missing),
    invoice: isPaid ? null : ((await restInvoice(visitor, visitor.app.settings, ask)) ?? null),
  }
}

export const waitingRoutes = [waiting, goOn, drop]

export type WaitingAnswer = WebAnswer<typeof waiting>
export type RestAnswer = NonNullable<WaitingAnswer['rest']>
