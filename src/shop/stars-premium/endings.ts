import { starsPremiumSql } from './tables.ts'
import { detailsAnd, NOW } from '#shared/db/build.ts'
import type { Context } from '#shared/context.ts'
import { goodsLabel, goodsWords, resoldGood } from './good.ts'
import type { Sql } from '#shared/db/db.ts'
import { errorKey } from '#shared/errors.ts'
import type { Order } from '#shared/money/tables.ts'
import { type Attempt, keepLateDelivery, lastAttempt, settleAttempt } from '#shared/money/attempts.ts'
import { capture, release } from '#shared/money/holds.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import { moveOrder, noteOrder, readOrder } from '#shared/money/orders.ts'
import { stopWaiting } from '#shared/money/waiting.ts'
import { operatorsOf, oweAdminAlert, toldOf } from '#shared/notices.ts'
import type { Supply } from './supplier.ts'
import { saleOf, subOrders } from './orders.ts'
import { redraw, tellBuyer } from './tell.ts'
import { takeBonusesBack } from '#shop/loyalty/promo/bonus.ts'

/*
 * Each way in which a purchase can end is one function here: the guarded move with its line of the story, the effect
 * on the money, and who is told. All run inside the caller's transaction; the caller only chooses the end.
 */

/** The name of the buying worker in an order's story. */
export const WORKER = 'worker:fragment'

/** Who ends an order and, if it is not obvious, why. */
export interface Ending {
  actor: string
  reason?: string
}

/** The bots whose admins are told what only they can repair. */
type Bots = Context['bots']

/** The states from which an order can still become delivered. */
const DELIVERABLE = ['reserved', 'fulfilling', 'unknown', 'review'] as const

/** The states of an attempt that may have bought something and whose end is unknown. */
const OPEN = ['sent', 'unknown'] as const

/** The order's last attempt, if its end is still unknown. */
export async function openAttemptOf(tx: Sql, orderId: string): Promise<Attempt | undefined> {
  const attempt = await lastAttempt(tx, orderId, true)
  return attempt?.state === 'sent' || attempt?.state === 'unknown' ? attempt : undefined
}

/**
 * Delivered: the money is captured. An order that waits for its next try has got it from an earlier one that counted as
 * refused. What was delivered for an order that had ended is a loss of ours, and the admins hear of it.
 * @returns false when the order is where it cannot be delivered any more
 */
export async function delivered(
  tx: Sql,
  bots: Bots,
  attempt: Attempt,
  supply: Pick<Supply, 'id' | 'cost' | 'reference'>,
  { actor, reason }: Ending,
): Promise<boolean> {
  const { orderId, number } = attempt
  const { id: supplierRef, cost, reference } = supply
  const change = { from: OPEN, to: 'done', supplierRef, cost, set: { by: actor } } as const
  const expected = await settleAttempt(tx, attempt.id, change)
  const isNews = expected || (await keepLateDelivery(tx, attempt.id, supply))
  const before = await readOrder(tx, orderId, true)
  const moved = await moveOrder(tx, orderId, 'delivered', {
    actor,
    reason: reason ?? (expected ? '' : `attempt ${number}, which had counted as refused`),
    from: DELIVERABLE,
    set: { stage: null, reason: null, reference },
    details: { supplierRef, reference },
  })
  if (!moved) {
    if (isNews) await deliveredTooLate(tx, bots, attempt, supply, actor)
    return false
  }
  const { goods } = saleOf(moved)
  const { count, recipient } = wordsOf(moved)
  await capture(tx, orderId, {
    kind: resoldGood(goods.kind).entry,
    description: `${goodsLabel(goods)} · @${recipient}`,
    bot: moved.bot,
    details: { order: orderId, recipient, reference },
  })
  await resoldGood(goods.kind).delivered?.(tx, moved, { count, recipient })
  await tellEnd(tx, moved)
  if (before?.state === 'review') {
    // An order in review is not looked at any more. Without this a later purchase that has no id would be forgotten.
    const last = await lastAttempt(tx, orderId)
    if (last && last.number > number && !last.supplierRef) await perhapsBoughtTwice(tx, bots, last)
  }
  return true
}

/**
 * Failed: it certainly will not be delivered, and the money is the person's again. `text` names the reason for the buyer.
 * An attempt that has ended before ends nothing: the next one may be under way.
 * @param attempt the one that ends so; none where no attempt is open
 */
export async function failed(
  tx: Sql,
  orderId: string,
  attempt: Attempt | undefined,
  text: string,
  { actor, reason = text }: Ending,
  supplierRef: string | null = null,
): Promise<boolean> {
  if (attempt) {
    const change = { from: OPEN, to: 'refused', supplierRef, set: { reason, by: actor } } as const
    if (!(await settleAttempt(tx, attempt.id, change))) return false
  }
  const moved = await moveOrder(tx, orderId, 'failed', {
    actor,
    reason,
    set: { stage: null, reason: text },
    details: supplierRef === null ? {} : { supplierRef },
  })
  if (!moved) return false
  await release(tx, orderId, text)
  await tellEnd(tx, moved)
  return true
}

/** Refunded: what was captured goes back from our sales to the person, a loss of ours with its reason on the story. */
export async function refunded(tx: Sql, order: Order, { actor, reason = '' }: Ending): Promise<boolean> {
  // The head of several sub-orders was never charged itself.
  if (saleOf(order).recipients.length > 1) return false
  const moved = await moveOrder(tx, order.id, 'refunded', { actor, reason, from: ['delivered'] })
  if (!moved) return false
  const money = { asset: moved.asset, amount: moved.price }
  await post(
    tx,
    transfer({ system: 'sales' }, { person: moved.personId }, money, {
      reference: `refund-${order.id}`,
      kind: 'refund',
      description: reason,
      bot: moved.bot,
      details: { order: order.id, actor },
    }),
  )
  await takeBonusesBack(tx, { details: { order: order.id }, bot: moved.bot })
  await redraw(tx, moved, 'refunded')
  await tellBuyer(tx, moved, 'fragment-refunded', { ...wordsOf(moved), sum: money })
  return true
}

/** The buyer gives up an order that still waits for its money: nothing was charged. @returns undefined when it moved on */
export async function cancelledByBuyer(
  tx: Sql,
  orderId: string,
  personId: bigint,
): Promise<Order | undefined> {
  const moved = await stopWaiting(tx, orderId, `person:${personId}`)
  if (moved) await redraw(tx, moved, 'cancelled')
  return moved
}

/** Closed unpaid: an order that waited for its money cannot go on any more. What was topped up stays on the balance. */
export async function closedUnpaid(tx: Sql, orderId: string, code: string): Promise<void> {
  const moved = await moveOrder(tx, orderId, 'cancelled', {
    actor: WORKER,
    reason: code,
    set: { reason: errorKey(code) },
  })
  if (!moved) return
  await redraw(tx, moved, 'cancelled')
  await tellBuyer(tx, moved, 'fragment-not-resumed')
}

/**
 * Contradicted: an admin had called it delivered, and now the supplier speaks. What it says is kept, and a no is told:
 * somebody paid for nothing. The refund is the admin's.
 */
export async function contradicted(
  tx: Sql,
  bots: Bots,
  attempt: Attempt,
  supply: Supply,
  actor: string,
): Promise<void> {
  const { orderId, number } = attempt
  const { id: supplierRef, cost, reference, state, error } = supply
  if (state !== 'delivered' && state !== 'failed') return
  const current = await lastAttempt(tx, orderId, true)
  if (current?.id !== attempt.id || current.details.supplierSaid !== undefined) return
  const paid = state === 'delivered' ? { cost } : {}
  const change = { from: ['done'] as const, to: 'done' as const, supplierRef, ...paid }
  await settleAttempt(tx, attempt.id, { ...change, set: { supplierSaid: state } })
  if (state === 'delivered') return reference ? await setDetails(tx, orderId, { reference }) : undefined
  const reason = `attempt ${number} was called delivered, the supplier says that it failed: ${error ?? '—'}`
  await noteOrder(tx, orderId, { actor, reason, details: { attempt: number, supplierRef } })
  await alarm(tx, bots, orderId, {
    key: `fragment-contradicted-${orderId}`,
    text: 'fragment-alert-contradicted',
    params: { reference: supplierRef ?? '—' },
  })
}

/**
 * Unknown settled: the order of a purchase in doubt needs no decision, because an earlier purchase delivered it. The
 * admins may ask the supplier about this one.
 */
export async function perhapsBoughtTwice(
  tx: Sql,
  bots: Bots,
  { id, orderId, number }: Attempt,
): Promise<void> {
  const reason = `attempt ${number} is in doubt: perhaps bought twice`
  if (!(await settleAttempt(tx, id, { from: ['unknown'], to: 'refused', set: { reason } }))) return
  await noteOrder(tx, orderId, { actor: WORKER, reason, details: { attempt: number } })
  await alarm(tx, bots, orderId, {
    key: `fragment-twice-perhaps-${orderId}-${number}`,
    text: 'fragment-alert-twice-perhaps',
    params: { attempt: number },
  })
}

/**
 * Delivered although its order had ended: the money went back before, or another purchase had been delivered for it.
 * Either is a loss of ours, which the order's story keeps and admins must see.
 */
async function deliveredTooLate(
  tx: Sql,
  bots: Bots,
  { orderId, number }: Attempt,
  { id: supplierRef, cost, reference }: Pick<Supply, 'id' | 'cost' | 'reference'>,
  actor: string,
): Promise<void> {
  const order = await readOrder(tx, orderId)
  if (!order) return
  const isSecond = order.state === 'delivered' || order.state === 'refunded'
  await noteOrder(tx, orderId, {
    actor,
    reason: isSecond
      ? `attempt ${number} was delivered too: bought and paid twice`
      : `attempt ${number} was delivered after the money went back`,
    details: { attempt: number, supplierRef, reference },
  })
  await alarm(tx, bots, orderId, {
    key: isSecond ? `fragment-twice-${orderId}-${number}` : `fragment-late-${orderId}`,
    text: isSecond ? 'fragment-alert-twice' : 'fragment-alert-late',
    params: { attempt: number, reference: supplierRef ?? '—', cost: cost ?? '—' },
  })
}

/**
 * The head of several sub-orders ends when all of them have: delivered if anybody got something. Money never hangs on
 * the head: every sub-order has its own hold.
 */
async function headEnds(tx: Sql, headId: string): Promise<void> {
  // The head is locked first: otherwise two sub-orders that end at once would each miss the other's end.
  const head = await readOrder(tx, headId, true)
  if (!head || head.state !== 'fulfilling') return
  const parts = await subOrders(tx, headId)
  const got = parts.filter((part) => part.state === 'delivered').length
  const ended = parts.filter((part) => ENDED.has(part.state)).length
  if (ended < parts.length) return await redraw(tx, head, `${ended}-of-${parts.length}`)
  const moved = await moveOrder(tx, headId, got > 0 ? 'delivered' : 'failed', {
    actor: WORKER,
    reason: `${got} of ${parts.length} delivered`,
  })
  if (!moved) return
  await redraw(tx, moved, moved.state)
  const text = got === parts.length ? 'fragment-done-all' : 'fragment-done-several'
  await tellBuyer(tx, moved, text, { got, all: parts.length })
}

const ENDED = new Set(['delivered', 'failed', 'refunded', 'cancelled'])

/** Reasons that have a message of their own, which says where the money is. */
const FAILURES = new Set([
  'fragment-recipient-unknown',
  'fragment-not-executed',
  'fragment-too-late',
  'fragment-supplier-failed',
])

/** The buyer sees the end on the card and in a message. The end of a sub-order may also end its head. */
async function tellEnd(tx: Sql, order: Order): Promise<void> {
  if (order.parentId) return await headEnds(tx, order.parentId)
  await redraw(tx, order, order.state)
  if (order.state === 'delivered') {
    return await tellBuyer(tx, order, `fragment-done-${order.good}`, wordsOf(order))
  }
  const { reason } = saleOf(order)
  const text = reason && FAILURES.has(reason) ? reason : 'fragment-failed'
  const sum = { amount: order.price, asset: order.asset }
  await tellBuyer(tx, order, text, { ...wordsOf(order), sum })
}

async function alarm(
  tx: Sql,
  bots: Bots,
  order: string,
  { params, ...alert }: { key: string; text: string; params: Parameters<typeof oweAdminAlert>[2]['params'] },
): Promise<void> {
  const found = await readOrder(tx, order)
  await oweAdminAlert(tx, found ? toldOf(bots, found.bot) : operatorsOf(bots), {
    ...alert,
    params: { order, ...params },
    buttons: [[['order-open', 'fadmin-order', order]]],
  })
}

export async function setDetails(tx: Sql, orderId: string, set: Record<string, unknown>): Promise<void> {
  await tx.rows(
    starsPremiumSql
      .updateTable('orders')
      .set({ details: detailsAnd(set), updated_at: NOW })
      .where('id', '=', orderId),
  )
}

function wordsOf(order: Order): { count: number; gift: string; recipient: string } {
  const { goods, recipients } = saleOf(order)
  return { ...goodsWords(goods), recipient: recipients[0]?.username ?? recipients[0]?.name ?? '' }
}
