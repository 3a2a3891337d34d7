import type { Context } from '#shared/context.ts'
import type { Db, Sql } from '#shared/db/db.ts'
import type { Order } from '#shared/db/entities/trade.ts'
import { type Attempt, keepLateDelivery, lastAttempt, settleAttempt } from '#shared/money/attempts.ts'
import { deliverOrder, failOrder } from '../endings.ts'
import { saleOf } from '../orders.ts'
import { redraw, tellBuyer } from '../tell.ts'
import { oweAdminAlert } from '#shared/notices.ts'
import { moveOrder, noteOrder, readOrder } from '#shared/money/orders.ts'
import type { Supply } from '../supplier.ts'
import { WORKER } from './context.ts'
import { writeJson } from '#shared/storable.ts'

type Slice = Pick<Context, 'bots'> & { db: Db }

export function delivered(context: Slice, order: Order, attempt: Attempt, supply: Supply, actor: string) {
  return context.db.tx(async (tx) => {
    const { id: supplierRef, cost } = supply
    const change = { from: ['sent', 'unknown'] as const, to: 'done' as const, supplierRef, cost }
    const expected = await settleAttempt(tx, attempt.id, change)
    const isNews = expected || (await keepLateDelivery(tx, attempt.id, supply))
    const reason = expected ? '' : `attempt ${attempt.number}, which had counted as refused`
    const before = await readOrder(tx, order.id, true)
    const ended = await deliverOrder(tx, order.id, undefined, supply, { actor, reason })
    if (isNews && !ended) await tellOfLate(tx, context, order.id, { attempt, supply, actor })
    if (ended && before?.state === 'review') await giveUpNext(tx, context, attempt)
  })
}

/** An order in review is looked at no more, so a later purchase without an id would be forgotten with it. */
async function giveUpNext(tx: Sql, context: Slice, { orderId, number }: Attempt): Promise<void> {
  const last = await lastAttempt(tx, orderId)
  if (last && last.number > number && !last.supplierRef) await giveUp(tx, context, last)
}

/** Ends the order with this attempt. One that counted as refused before ends nothing: the next may be under way. */
export function failed(
  context: Slice,
  order: Order,
  attempt: Attempt,
  text: string,
  actor: string,
  supply?: Supply,
) {
  return context.db.tx(async (tx) => {
    const { id: supplierRef = null, error = null } = supply ?? {}
    const why = error === null ? text : `${text}: ${error}`
    const change = { from: ['sent', 'unknown'] as const, to: 'refused' as const, set: { reason: why } }
    if (!(await settleAttempt(tx, attempt.id, { ...change, supplierRef }))) return
    await failOrder(tx, order.id, undefined, text, { actor, reason: why, details: { supplierRef } })
  })
}

/** Whether an admin, and not the supplier, said that this attempt ended so. */
export const isDecided = ({ state, details }: Attempt, as: Attempt['state']): boolean =>
  state === as && String(details.by).startsWith('admin:')

/** An admin had called it delivered. What the supplier says now is kept, and a no is told: somebody paid for nothing. */
export function compareWithDecision(
  context: Slice,
  order: Order,
  attempt: Attempt,
  supply: Supply,
  actor: string,
): Promise<void> {
  return context.db.tx(async (tx) => {
    const { id: supplierRef, cost, reference, state, error } = supply
    if (state !== 'delivered' && state !== 'failed') return
    const current = await lastAttempt(tx, order.id, true)
    if (current?.id !== attempt.id || current.details.supplierSaid !== undefined) return
    const paid = state === 'delivered' ? { cost } : {}
    const change = { from: ['done'] as const, to: 'done' as const, supplierRef, ...paid }
    await settleAttempt(tx, attempt.id, { ...change, set: { supplierSaid: state } })
    if (state === 'delivered') return reference ? await setDetails(tx, order.id, { reference }) : undefined
    const reason = `attempt ${attempt.number} was called delivered, the supplier says that it failed: ${error ?? '—'}`
    await noteOrder(tx, order.id, { actor, reason, details: { attempt: attempt.number, supplierRef } })
    await oweAdminAlert(tx, context.bots.values(), {
      key: `fragment-contradicted-${order.id}`,
      text: 'fragment-alert-contradicted',
      params: { order: order.id, reference: supplierRef ?? '—' },
      buttons: [[['order-open', 'fadmin-order', order.id]]],
    })
  })
}

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
    // It was given up as unknown meanwhile; now it is known, and from there it does not start again.
    else await failOrder(tx, order.id, undefined, text, { actor: WORKER })
  })
}

/** Not tried yet, because it could not work now: the card says so. */
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

/** The supplier took the order and has given it an id: from here on it can be asked. */
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

/** Nobody knows whether it was bought. The buyer reads that their money is safe; nothing is repeated. */
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

/** A human decides, with what is known on the screen. */
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
    await oweAdminAlert(tx, context.bots.values(), {
      key: `fragment-review-${order.id}`,
      text: 'fragment-alert-review',
      params: { order: order.id },
      buttons: [[['order-open', 'fadmin-order', order.id]]],
    })
  })
}

/** How this purchase went nobody will tell any more. */
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
    if (current?.state === 'delivered' || current?.state === 'refunded') await giveUp(tx, context, attempt)
  })
}

/** The order of this purchase in doubt needs no decision: an earlier one delivered it. The admins may ask about this. */
async function giveUp(tx: Sql, context: Slice, { id, orderId, number }: Attempt): Promise<void> {
  const reason = `attempt ${number} is in doubt: perhaps bought twice`
  if (!(await settleAttempt(tx, id, { from: ['unknown'], to: 'refused', set: { reason } }))) return
  await noteOrder(tx, orderId, { actor: WORKER, reason, details: { attempt: number } })
  await oweAdminAlert(tx, context.bots.values(), {
    key: `fragment-twice-perhaps-${orderId}-${number}`,
    text: 'fragment-alert-twice-perhaps',
    params: { order: orderId, attempt: number },
    buttons: [[['order-open', 'fadmin-order', orderId]]],
  })
}

export async function showStage(
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

async function setDetails(tx: Sql, orderId: string, set: Record<string, unknown>): Promise<void> {
  await tx.rows({
    text: `update orders set details = details || $2::jsonb, updated_at = now() where id = $1`,
    values: [orderId, writeJson(set)],
  })
}

/**
 * Delivered although its order had ended: the money went back before, or another purchase had been delivered for it.
 * Either is a loss of ours, which the order's story keeps and admins must see.
 */
async function tellOfLate(
  tx: Sql,
  context: Slice,
  orderId: string,
  { attempt, supply, actor }: { attempt: Attempt; supply: Supply; actor: string },
): Promise<void> {
  const order = await readOrder(tx, orderId)
  if (!order) return
  const { number } = attempt
  const { id: supplierRef, cost, reference } = supply
  const isSecond = order.state === 'delivered' || order.state === 'refunded'
  await noteOrder(tx, orderId, {
    actor,
    reason: isSecond
      ? `attempt ${number} was delivered too: bought and paid twice`
      : `attempt ${number} was delivered after the money went back`,
    details: { attempt: number, supplierRef, reference },
  })
  await oweAdminAlert(tx, context.bots.values(), {
    key: isSecond ? `fragment-twice-${orderId}-${number}` : `fragment-late-${orderId}`,
    text: isSecond ? 'fragment-alert-twice' : 'fragment-alert-late',
    params: { order: orderId, attempt: number, reference: supplierRef ?? '—', cost: cost ?? '—' },
    buttons: [[['order-open', 'fadmin-order', orderId]]],
  })
}
