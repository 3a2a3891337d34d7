import type { Context } from '#shared/context.ts'
import type { Db, Sql } from '#shared/db/db.ts'
import type { Order } from '#shared/money/tables.ts'
import { type Attempt, lastAttempt, settleAttempt } from '#shared/money/attempts.ts'
import { failed, perhapsBoughtTwice, setDetails } from '../endings.ts'
import { saleOf } from '../orders.ts'
import { redraw, tellBuyer } from '../tell.ts'
import { oweAdminAlert, toldOf } from '#shared/notices.ts'
import { moveOrder, readOrder } from '#shared/money/orders.ts'
import type { Supply } from '../supplier.ts'
import { WORKER } from './context.ts'

type Slice = Pick<Context, 'bots'> & { db: Db }

/** Whether an admin, not the supplier, said that this attempt ended in this state. */
export const isDecided = ({ state, details }: Attempt, as: Attempt['state']): boolean =>
  state === as && String(details.by).startsWith('admin:')

/** Nothing was bought: the order goes back to wait for its next try. */
export function notExecuted(context: Slice, order: Order, attempt: Attempt, reason: string, text: string) {
  return context.db.tx(async (tx) => {
    const change = { from: ['sent', 'unknown'] as const, to: 'refused' as const, set: { reason } }
    if (!(await settleAttempt(tx, attempt.id, change))) return
    const moved = await moveOrder(tx, order.id, 'reserved', {
      actor: WORKER,
      from: ['fulfilling'],
      reason,
      set: { stage: 'waiting', reason: text },
    })
    if (moved) await redraw(tx, moved, `waits-${attempt.number}`)
    // The order was given up as unknown meanwhile. Its outcome is known now, and an unknown order does not start
    // again.
    else await failed(tx, order.id, undefined, text, { actor: WORKER })
  })
}

/** Nothing was tried, because it could not work now; the card says so. */
export async function showWaiting(context: Slice, order: Order, text: string): Promise<void> {
  if (saleOf(order).stage === 'waiting') return
  await context.db.tx(async (tx) => {
    const current = await readOrder(tx, order.id, true)
    if (current?.state !== 'reserved') return
    const number = (await lastAttempt(tx, order.id))?.number ?? 0
    await setDetails(tx, order.id, { stage: 'waiting', reason: text })
    await redraw(tx, current, `waits-after-${number}`)
  })
}

/** The supplier accepted the order and gave it an id, by which it can be looked up from now on. */
export function accepted(context: Slice, order: Order, attempt: Attempt, supply: Supply) {
  return context.db.tx(async (tx) => {
    const { id: supplierRef, cost, reference, state } = supply
    const stage = state === 'sent' ? 'confirming' : 'accepted'
    await settleAttempt(tx, attempt.id, {
      from: ['sent', 'unknown'],
      to: 'sent',
      supplierRef,
      cost,
      set: { stage },
    })
    await showStage(tx, order.id, stage, reference)
  })
}

/** Nobody knows whether it was bought. The buyer reads that the money is safe; the purchase is not repeated. */
export function unknown(context: Slice, order: Order, attempt: Attempt, reason: string) {
  return context.db.tx(async (tx) => {
    const marked = await settleAttempt(tx, attempt.id, { from: ['sent'], to: 'unknown', set: { reason } })
    const current = marked ? await readOrder(tx, order.id, true) : undefined
    if (current?.state !== 'fulfilling') return
    const moved = await moveOrder(tx, order.id, 'unknown', { actor: WORKER, reason })
    if (!moved) return
    await redraw(tx, moved, 'unknown')
    await tellBuyer(tx, moved, 'fragment-checking')
  })
}

/** Leaves the order to an admin, with all that is known on the screen. */
export function toReview(context: Slice, order: Order, reason: string, facts: Record<string, unknown>) {
  return context.db.tx(async (tx) => {
    const moved = await moveOrder(tx, order.id, 'review', {
      actor: WORKER,
      from: ['fulfilling', 'unknown'],
      reason,
      details: facts,
      set: { facts },
    })
    if (!moved) return
    await redraw(tx, moved, 'review')
    await oweAdminAlert(tx, toldOf(context.bots, moved.bot), {
      key: `fragment-review-${order.id}`,
      text: 'fragment-alert-review',
      params: { order: order.id },
      buttons: [[['order-open', 'fadmin-order', order.id]]],
    })
  })
}

/** Nobody will tell any more how this purchase ended. */
export async function doubt(
  context: Slice,
  order: Order,
  attempt: Attempt,
  reason: string,
  facts: Record<string, unknown>,
): Promise<void> {
  await toReview(context, order, reason, facts)
  await context.db.tx(async (tx) => {
    const current = await readOrder(tx, order.id, true)
    if (current?.state === 'delivered' || current?.state === 'refunded') {
      await perhapsBoughtTwice(tx, context.bots, attempt)
    }
  })
}

async function showStage(
  tx: Sql,
  orderId: string,
  stage: 'accepted' | 'confirming',
  reference: string | null,
): Promise<void> {
  const order = await readOrder(tx, orderId, true)
  if (!order || order.state !== 'fulfilling' || saleOf(order).stage === stage) return
  await setDetails(tx, orderId, { stage, ...(reference ? { reference } : {}) })
  await redraw(tx, order, stage)
}
