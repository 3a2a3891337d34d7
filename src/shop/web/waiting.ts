import { z } from 'zod'
import { UserError } from '#shared/errors.ts'
import { meansFor } from '#shared/money/exchange.ts'
import { readOrder } from '#shared/money/orders.ts'
import type { Order } from '#shared/money/tables.ts'
import { stopWaiting } from '#shared/money/waiting.ts'
import { owe } from '#shared/queue/outbox.ts'
import { PLAN } from '#shop/loyalty/good.ts'
import { resumePlan } from '#shop/loyalty/jobs.ts'
import { planOf } from '#shop/loyalty/subscriptions/waiting.ts'
import { restInvoice } from '#shop/payments/rest-invoice.ts'
import { draft, rowId as id, webRoute } from './route.ts'
import type { WebAnswer } from './route.ts'
import type { Visitor } from './visitor.ts'

/** A plan that waits for money: what is missing, and every way to pay exactly that. */
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
      await owe(visitor.app.db, resumePlan, { orderId: order.id, paymentId: `balance-press-${input.draft}` })
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
    if (!(await visitor.app.db.tx((tx) => stopWaiting(tx, order.id, by)))) throw new UserError('order.moved')
    return await show(visitor, await theirs(visitor, input.id))
  },
})

/** @throws UserError `web.unknown` for another person's order, as for one that does not exist */
async function theirs({ app, personId }: Visitor, orderId: string): Promise<Order> {
  const found = await readOrder(app.db, orderId)
  if (found?.personId !== personId || found.good !== PLAN.kind) throw new UserError('web.unknown')
  return found
}

async function show(visitor: Visitor, order: Order) {
  const waits = order.state === 'awaiting_payment'
  const { name } = planOf(order)
  return {
    id: order.id,
    title: name,
    price: visitor.money(order.price, 'TOK'),
    state: order.state,
    stateText: visitor.t(`order-state-${order.state}`),
    rest: waits ? await restOf(visitor, 'plan-top-up', { orderId: order.id, price: order.price }) : null,
  }
}

/** What is missing of a price in tokens, and how it can be paid. */
export async function restOf(
  visitor: Visitor,
  name: 'plan-top-up' | 'image-top-up',
  { orderId, price }: { orderId: string; price: bigint },
) {
  const { app, bot, personId } = visitor
  const means = await meansFor(app.db, app.settings, { personId, bot: bot.name, price })
  const isPaid = means.missing === 0n
  const ask = { name, orderId, tokens: means.lacking }
  return {
    isPaid,
    sum: visitor.money(means.missing, 'RUB'),
    kopecks: isPaid ? null : String(means.missing),
    invoice: isPaid ? null : ((await restInvoice(visitor, app.settings, ask)) ?? null),
  }
}

export const waitingRoutes = [waiting, goOn, drop]

export type WaitingAnswer = WebAnswer<typeof waiting>
export type RestAnswer = NonNullable<WaitingAnswer['rest']>
