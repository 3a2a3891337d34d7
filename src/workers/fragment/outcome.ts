import type { Db, Sql } from '../../shared/db/db.ts'
import type { Order } from '../../shared/db/entities/trade.ts'
import { type Attempt, settleAttempt } from '../../shared/fragment/attempts.ts'
import { saleOf } from '../../shared/fragment/orders.ts'
import { escapeHtml } from '../../shared/i18n/format.ts'
import { capture, release } from '../../shared/ledger/holds.ts'
import { moveOrder, readOrder } from '../../shared/orders/orders.ts'
import type { Supply } from '../../shared/providers/supplier.ts'
import { finishHead } from './head.ts'
import { oweAdminAlert } from '../../shared/notices.ts'
import { redraw, tellBuyer } from './notices.ts'
import { activatePremium } from './premium.ts'
import type { Context } from '../../shared/context.ts'

type Slice = Pick<Context, 'config'> & { db: Db }

/** The supplier has it: capture, in one transaction with everything that follows from it. */
export function delivered(context: Slice, order: Order, attempt: Attempt, supply: Supply, actor: string) {
  return context.db.tx(async (tx) => {
    const { id: supplierRef, cost, reference } = supply
    await settleAttempt(tx, attempt.id, { from: ['sent', 'unknown'], to: 'done', supplierRef, cost })
    const moved = await moveOrder(tx, order.id, 'delivered', {
      actor,
      from: ['fulfilling', 'unknown', 'review'],
      set: { stage: null, reason: null, reference },
      details: { supplierRef, reference },
    })
    if (!moved) return await lateDelivery(tx, context, order.id, supplierRef)
    const sale = saleOf(moved)
    const who = sale.recipients[0]?.username ?? ''
    const count = sale.goods.kind === 'stars' ? sale.goods.quantity : sale.goods.months
    const description = `${sale.goods.kind} ${count} @${who}`
    const details = { order: order.id, recipient: who, reference }
    await capture(tx, order.id, { kind: sale.goods.kind, description, bot: order.bot, details })
    if (sale.goods.kind === 'premium') await activatePremium(tx, moved, sale.goods.months, who)
    await ended(tx, moved)
  })
}

/** It certainly will not be delivered: the money is the person's again. `reason` names a text. */
export function failed(
  context: Slice,
  order: Order,
  attempt: Attempt | undefined,
  reason: string,
  actor: string,
) {
  return context.db.tx((tx) => failedIn(tx, order, attempt, reason, actor))
}

export async function failedIn(
  tx: Sql,
  order: Order,
  attempt: Attempt | undefined,
  reason: string,
  actor: string,
): Promise<boolean> {
  if (attempt) {
    await settleAttempt(tx, attempt.id, { from: ['sent', 'unknown'], to: 'refused', set: { reason } })
  }
  const moved = await moveOrder(tx, order.id, 'failed', { actor, reason, set: { stage: null, reason } })
  if (!moved) return false
  await release(tx, order.id, reason)
  await ended(tx, moved)
  return true
}

/** Nothing was bought: the order goes back to wait for its next try. */
export function notExecuted(context: Slice, order: Order, attempt: Attempt, reason: string, text: string) {
  return context.db.tx(async (tx) => {
    const change = { from: ['sent', 'unknown'] as const, to: 'refused' as const, set: { reason } }
    if (!(await settleAttempt(tx, attempt.id, change))) return
    const moved = await moveOrder(tx, order.id, 'reserved', {
      actor: 'worker:fragment',
      from: ['fulfilling'],
      reason,
      set: { stage: 'waiting', reason: text },
    })
    if (moved) await redraw(tx, moved, `waits-${attempt.number}`)
    // It was given up as unknown meanwhile; now it is known, and from there it does not start again.
    else await failedIn(tx, order, undefined, text, 'worker:fragment')
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
    const moved = await moveOrder(tx, order.id, 'unknown', { actor: 'worker:fragment', reason })
    if (!moved) return
    await redraw(tx, moved, 'unknown')
    await tellBuyer(tx, moved, 'fragment-checking')
  })
}

/** A human decides, with what is known on the screen. */
export function toReview(context: Slice, order: Order, reason: string, facts: Record<string, unknown>) {
  return context.db.tx(async (tx) => {
    const moved = await moveOrder(tx, order.id, 'review', {
      actor: 'worker:fragment',
      from: ['fulfilling', 'unknown'],
      reason,
      details: facts,
      set: { facts },
    })
    if (!moved) return
    await redraw(tx, moved, 'review')
    await oweAdminAlert(tx, context.config.bots, {
      key: `fragment-review-${order.id}`,
      text: 'fragment-alert-review',
      params: { order: order.id },
      buttons: [[['order-open', 'fadmin-order', order.id]]],
    })
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
    values: [orderId, JSON.stringify(set)],
  })
}

/** Reasons with a message of their own; each says where the money is. */
const FAILURES = new Set([
  'fragment-recipient-unknown',
  'fragment-not-executed',
  'fragment-too-late',
  'fragment-supplier-failed',
])

/** The end of an order: the card, and a message; a sub-order's end may be the end of its head. */
async function ended(tx: Sql, order: Order): Promise<void> {
  if (order.parentId) return await finishHead(tx, order.parentId)
  await redraw(tx, order, order.state)
  const { reason } = saleOf(order)
  if (order.state === 'delivered') await tellBuyer(tx, order, `fragment-done-${order.good}`, wordsOf(order))
  else {
    const sum = { amount: order.price, asset: order.asset }
    await tellBuyer(tx, order, FAILURES.has(reason ?? '') ? reason! : 'fragment-failed', {
      ...wordsOf(order),
      sum,
    })
  }
}

export function wordsOf(order: Order): { count: number; recipient: string } {
  const { goods, recipients } = saleOf(order)
  const count = goods.kind === 'stars' ? goods.quantity : goods.months
  return { count, recipient: escapeHtml(recipients[0]?.username ?? recipients[0]?.name ?? '') }
}

/** Delivered after all, but the money went back before: our loss, which admins must see. */
async function lateDelivery(
  tx: Sql,
  context: Slice,
  orderId: string,
  supplierRef: string | null,
): Promise<void> {
  const order = await readOrder(tx, orderId)
  if (!order || order.state === 'delivered' || order.state === 'refunded') return
  await oweAdminAlert(tx, context.config.bots, {
    key: `fragment-late-${orderId}`,
    text: 'fragment-alert-late',
    params: { order: orderId, reference: supplierRef ?? '—' },
  })
}
