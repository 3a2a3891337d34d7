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

/** Reasons that will pass: the order goes on waiting, and the money stays on the person's balance. */
const PASSING = new Set([
  'sale.stopped',
  'sale.too-large',
  'recipient.check',
  'gift.check',
  'sale.cost-unknown',
])

/**
 * Money came: the order that waited for it goes on. An order that cannot go on any more is closed, and the money stays
 * on the balance.
 */
export async function resume(context: SalesContext, job: ResumeOrder): Promise<Verdict> {
  const order = await readOrder(context.db, job.orderId)
  if (order?.state !== 'awaiting_payment') return done
  const { payWith } = saleOf(order)
  const currency = payWith ?? 'RUB'
  try {
    const placed = await placeOrder(context, order.id, { personId: order.personId, currency, actor: WORKER })
    // If only a part of the missing sum came, the card gets a key for the rest.
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
