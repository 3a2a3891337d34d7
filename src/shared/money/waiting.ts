import { sql as q } from 'kysely'
import { anyOf, detailsAnd, literal } from '../db/build.ts'
import type { Sql } from '../db/db.ts'
import { resumeWaiting } from '../good.ts'
import type { Assortment } from '../good.ts'
import { closeOrderCard } from '../queue/jobs/orders.ts'
import { owe } from '../queue/outbox.ts'
import { moveOrder, readOrder } from './orders.ts'
import { moneySql } from './tables.ts'
import type { Order } from './tables.ts'

/** A bank transfer may take this long. The order keeps its price meanwhile. */
const WAIT_HOURS = 24
const BATCH = 500
/**
 * Money may have come before an order began to wait, and after the balance was found too small. Both times in the rows are
 * those at which a transaction began, and no transaction lives longer than this.
 */
const UNSEEN_MINUTES = 10

/**
 * The balance is too small: a draft waits for money, at the price that was shown. When an order that waits already is
 * shown again, there may be less on the balance: the sum that the person agrees to now is what may be taken.
 * @param wait.agreed kopecks that may buy the missing tokens when the money has come
 * @param wait.details more to keep with the order
 * @returns the order that waits; undefined when it has moved on
 */
export async function awaitMoney(
  tx: Sql,
  id: string,
  wait: { actor: string; agreed?: bigint; details?: Record<string, unknown> },
): Promise<Order | undefined> {
  const { actor, agreed, details } = wait
  const set = { ...details, ...(agreed !== undefined && { agreed: String(agreed) }) }
  const begun = await moveOrder(tx, id, 'awaiting_payment', {
    actor,
    from: ['draft'],
    set,
    hours: WAIT_HOURS,
  })
  if (begun) return begun
  await tx.rows(
    moneySql
      .updateTable('orders')
      .set({ details: detailsAnd(set) })
      .where('id', '=', id)
      .where('state', '=', 'awaiting_payment'),
  )
  const order = await readOrder(tx, id)
  return order?.state === 'awaiting_payment' ? order : undefined
}

/**
 * Ends an order that waits, because the person gave it up or can no longer have it. Nothing was charged, and the money
 * that came stays on the balance.
 * @returns undefined when the order waits no more
 */
export const stopWaiting = (tx: Sql, id: string, actor: string, reason = ''): Promise<Order | undefined> =>
  moveOrder(tx, id, 'cancelled', { actor, reason, from: ['awaiting_payment'] })

/** Ends an order as `stopWaiting` does; the message that asked for the money loses its keys. */
export async function endWaiting(
  tx: Sql,
  id: string,
  actor: string,
  reason = '',
): Promise<Order | undefined> {
  const ended = await stopWaiting(tx, id, actor, reason)
  if (ended?.card) await owe(tx, closeOrderCard, { orderId: id })
  return ended
}

/**
 * Lets waiting orders of these bots go on when their person's money has moved, once for each time it moved. Most of them
 * go on when the ledger is followed. This finds the rest: a hold that gave its money back, a payment that left over
 * more than the order that it named needed, money that came in the moment in which the order began to wait, and after
 * the balance had been found too small.
 */
export async function resumeWhereMoneyMoved(
  sql: Sql,
  goods: Assortment,
  bots: readonly string[],
): Promise<void> {
  const moved = await sql.rows(
    moneySql
      .selectFrom('orders as o')
      .innerJoin('wallets as w', 'w.person_id', 'o.person_id')
      .select(({ fn }) => ['o.id', fn.max('w.updated_at').as('at')])
      .where('o.state', '=', literal('awaiting_payment' as const))
      .where('o.bot', '=', anyOf(bots))
      .where(q<boolean>`w.updated_at > o.created_at - ${q.lit(UNSEEN_MINUTES)} * interval '1 minute'`)
      .groupBy('o.id')
      .orderBy('at', 'desc')
      .limit(BATCH),
  )
  for (const { id, at } of moved) await resumeWaiting(sql, goods, id, `balance-${at.getTime()}`)
}
