import { audit } from '#shared/audit.ts'
import type { Db, Sql } from '#shared/db/db.ts'
import type { Order } from '#shared/db/entities/trade.ts'
import { UserError } from '#shared/errors.ts'
import { moveOrder, readOrder } from '#shared/money/orders.ts'
import { fulfilOrder } from './jobs.ts'
import { owe } from '#shared/queue/outbox.ts'
import { type Attempt, lastAttempt, settleAttempt } from '#shared/money/attempts.ts'
import { DELIVERABLE, delivered, failed, openAttemptOf, refunded } from './endings.ts'
import { saleOf } from './orders.ts'
import { redraw } from './tell.ts'

/** What an admin can decide: it arrived, it did not (money back), try again, or give back what was delivered. */
export type Decision = 'delivered' | 'failed' | 'retry' | 'refund'

export interface DecidedBy {
  by: bigint
  bot: string
  reason: string
}

/** `safe`: nothing was bought for certain. `unsafe`: a second try could be a second purchase. */
export type Retry = 'safe' | 'unsafe'

/** Only an order whose every attempt was refused for certain may be tried again: the wallet proves no purchase away. */
export function retryVerdict(attempt: Attempt | undefined): Retry {
  return !attempt || attempt.state === 'refused' ? 'safe' : 'unsafe'
}

/**
 * An admin's decision about an order, with its audit line, in one transaction.
 * @throws UserError `order-moved`: it is not where this could be decided (any more), `retry-unsafe`
 */
export function decide(db: Db, orderId: string, decision: Decision, who: DecidedBy): Promise<void> {
  return db.tx(async (tx) => {
    const order = await readOrder(tx, orderId, true)
    if (!order || !saleOf(order).recipients) throw new UserError('order-moved')
    const attempt = await lastAttempt(tx, orderId, true)
    const ending = { actor: `admin:${who.by}`, reason: who.reason }
    const decided = await carryOut(tx, order, attempt, decision, ending)
    if (!decided) throw new UserError('order-moved')
    await audit(tx, {
      actor: who.by,
      bot: who.bot,
      action: `order.${decision}`,
      target: orderId,
      details: { reason: who.reason, from: order.state, attempt: attempt?.number ?? null },
    })
  })
}

async function carryOut(
  tx: Sql,
  order: Order,
  attempt: Attempt | undefined,
  decision: Decision,
  ending: { actor: string; reason: string },
): Promise<boolean> {
  switch (decision) {
    case 'delivered': {
      // Looked at under lock, so the order is delivered now and there is nothing to alarm anybody about.
      if (!DELIVERABLE.some((state) => state === order.state)) return false
      if (!attempt || attempt.state === 'refused') return false
      const supply = { id: attempt.supplierRef, cost: null, reference: null }
      return delivered(tx, new Map(), attempt, supply, ending)
    }
    case 'failed':
      // While it is under way the answer may still come; nobody can know better.
      if (order.state === 'fulfilling') return false
      return failed(tx, order.id, await openAttemptOf(tx, order.id), 'fragment-not-executed', ending)
    case 'retry':
      if (retryVerdict(attempt) === 'unsafe') throw new UserError('retry-unsafe')
      return tryAgain(tx, order, attempt, ending)
    case 'refund':
      return refunded(tx, order, ending)
  }
}

async function tryAgain(
  tx: Sql,
  order: Order,
  attempt: Attempt | undefined,
  ending: { actor: string; reason: string },
): Promise<boolean> {
  if (attempt) {
    await settleAttempt(tx, attempt.id, {
      from: ['sent', 'unknown'],
      to: 'refused',
      set: { by: ending.actor },
    })
  }
  const moved = await moveOrder(tx, order.id, 'reserved', {
    ...ending,
    from: ['review'],
    set: { stage: 'sending' },
  })
  if (!moved) return false
  const round = (attempt?.number ?? 0) + 1
  await owe(tx, fulfilOrder, { orderId: order.id, round })
  await redraw(tx, moved, `retry-${round}`)
  return true
}
