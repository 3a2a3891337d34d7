import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import type { Order } from '#shared/db/entities/trade.ts'
import { capture, release } from '#shared/money/holds.ts'
import { moveOrder } from '#shared/money/orders.ts'
import type { Supply } from './supplier.ts'
import { type Attempt, settleAttempt } from '#shared/money/attempts.ts'
import { finishHead } from './head.ts'
import { saleOf } from './orders.ts'
import { redraw, tellBuyer } from './tell.ts'

/** Who ends an order, and why where it is not plain. */
export interface Ending {
  actor: string
  reason?: string
  /** Kept with the line of the story only. */
  details?: Record<string, unknown>
}

/**
 * The supplier has it: the money is captured. An order that waits for its next try has got it from an earlier one that
 * counted as refused.
 * @returns false when the order is where it cannot be delivered any more
 */
export async function deliverOrder(
  tx: Sql,
  orderId: string,
  attempt: Attempt | undefined,
  supply: Pick<Supply, 'id' | 'cost' | 'reference'>,
  move: Ending,
): Promise<boolean> {
  const { id: supplierRef, cost, reference } = supply
  if (attempt)
    await settleAttempt(tx, attempt.id, {
      from: ['sent', 'unknown'],
      to: 'done',
      supplierRef,
      cost,
      set: { by: move.actor },
    })
  const moved = await moveOrder(tx, orderId, 'delivered', {
    ...move,
    from: ['reserved', 'fulfilling', 'unknown', 'review'],
    set: { stage: null, reason: null, reference },
    details: { supplierRef, reference },
  })
  if (!moved) return false
  const { goods } = saleOf(moved)
  const { count, recipient } = wordsOf(moved)
  await capture(tx, orderId, {
    kind: goods.kind,
    description: `${count} · @${recipient}`,
    bot: moved.bot,
    details: { order: orderId, recipient, reference },
  })
  if (goods.kind === 'premium') await activatePremium(tx, moved, goods.months, recipient)
  await ended(tx, moved)
  return true
}

/** It certainly will not be delivered: the money is the person's again. `text` names the reason for the buyer. */
export async function failOrder(
  tx: Sql,
  orderId: string,
  attempt: Attempt | undefined,
  text: string,
  move: Ending,
): Promise<boolean> {
  if (attempt) {
    await settleAttempt(tx, attempt.id, {
      from: ['sent', 'unknown'],
      to: 'refused',
      set: { reason: text, by: move.actor },
    })
  }
  const moved = await moveOrder(tx, orderId, 'failed', {
    reason: text,
    ...move,
    set: { stage: null, reason: text },
  })
  if (!moved) return false
  await release(tx, orderId, text)
  await ended(tx, moved)
  return true
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
  return { count, recipient: recipients[0]?.username ?? recipients[0]?.name ?? '' }
}

/** Notes what was given and until when; a gift to somebody whose Premium we know to run is added to its end. */
export async function activatePremium(
  tx: Sql,
  order: Order,
  months: number,
  recipient: string,
): Promise<void> {
  await tx.rows(q`
    insert into premium_activations (order_id, person_id, recipient, months, starts_at, ends_at)
    select ${order.id}, ${order.personId}, ${recipient}, ${months}, start, start + ${months} * interval '1 month'
    from (select greatest(now(), max(ends_at)) as start from premium_activations
          where lower(recipient) = lower(${recipient})) as known
    on conflict (order_id) do nothing`)
}
