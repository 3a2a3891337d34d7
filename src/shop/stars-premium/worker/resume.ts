import { UserError } from '#shared/errors.ts'
import { closedUnpaid } from '../endings.ts'
import { saleOf } from '../orders.ts'
import { placeOrder } from '../place.ts'
import { readOrder } from '#shared/money/orders.ts'
import { done, later } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import type { ResumeOrder } from '../jobs.ts'
import { type SalesContext, WORKER } from './context.ts'
import { redraw } from '../tell.ts'

/** Reasons that pass: the order goes on waiting, with the money on the person's balance. */
const PASSING = new Set(['sale.stopped', 'sale.too-large', 'recipient.check', 'sale.cost-unknown'])

/** Money came: an order that waited for it goes on. One that cannot any more is closed, and the money stays. */
export async function resume(context: SalesContext, job: ResumeOrder): Promise<Verdict> {
  const order = await readOrder(context.db, job.orderId)
  if (order?.state !== 'awaiting_payment') return done
  const { payWith } = saleOf(order)
  const currency = payWith ?? 'RUB'
  try {
    const placed = await placeOrder(context, order.id, { personId: order.personId, currency, actor: WORKER })
    // A part of what is missing brings the key for the rest.
    const version = placed.outcome === 'reserved' ? 'resumed' : `short-${job.paymentId}`
    await context.db.tx((tx) => redraw(tx, placed.order, version))
    return done
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    if (PASSING.has(error.code)) return later(30_000, error.code)
    await context.db.tx((tx) => closedUnpaid(tx, order.id, error.code))
    return done
  }
}
