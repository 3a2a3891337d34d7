import { ahead, detailsAnd, literal } from '../db/build.ts'
import type { Sql } from '../db/db.ts'
import { moveOrder } from './orders.ts'
import { moneySql } from './tables.ts'
import type { Order } from './tables.ts'

/** Transfers take their time. The price is kept for as long. */
const WAIT_HOURS = 24

/**
 * The balance is too small: a draft waits for money, at the price that was shown. When one that waits already is shown
 * again, there may be less on the balance: what is asked for now is what may be taken.
 * @param wait.agreed kopecks that may buy the tokens it lacks when the money has come
 * @param wait.details kept with the order besides
 */
export async function awaitMoney(
  tx: Sql,
  id: string,
  wait: { actor: string; agreed?: bigint; details?: Record<string, unknown> },
): Promise<void> {
  const { actor, agreed, details } = wait
  const set = { ...details, ...(agreed !== undefined && { agreed: String(agreed) }) }
  const begins = await moveOrder(tx, id, 'awaiting_payment', { actor, from: ['draft'], set })
  await tx.rows(
    moneySql
      .updateTable('orders')
      .set(begins ? { expires_at: ahead(WAIT_HOURS, 'hour') } : { details: detailsAnd(set) })
      .where('id', '=', id)
      .where('state', '=', 'awaiting_payment'),
  )
}

/**
 * The person wants it no more, or it cannot be had any more: nothing was charged, and what was topped up stays.
 * @returns undefined when the order waits no more
 */
export const stopWaiting = (tx: Sql, id: string, actor: string, reason = ''): Promise<Order | undefined> =>
  moveOrder(tx, id, 'cancelled', { actor, reason, from: ['awaiting_payment'] })

/**
 * Orders of a good that wait, and whose money may have come by a way that does not name them: a request by hand, a promo
 * code, an admin. With the moment it moved at: the same order is tried anew only when money has moved since.
 */
export const moneyMovedFor = (good: string) =>
  moneySql
    .selectFrom('orders as o')
    .innerJoin('wallets as w', 'w.person_id', 'o.person_id')
    .select(({ fn }) => ['o.id as orderId', fn.max('w.updated_at').as('at')])
    .where('o.state', '=', literal('awaiting_payment' as const))
    .where('o.good', '=', good)
    .where('w.asset', 'in', ['TOK', 'RUB'])
    .whereRef('w.updated_at', '>', 'o.created_at')
    .groupBy('o.id')
    .orderBy('at', 'desc')
    .limit(200)
