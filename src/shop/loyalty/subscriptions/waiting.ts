import { sql as q } from 'kysely'
import { ahead, detailsAnd, literal } from '#shared/db/build.ts'
import type { z } from 'zod'
import { resumeWaiting } from '#shared/good.ts'
import type { Assortment } from '#shared/good.ts'
import type { Sql } from '#shared/db/db.ts'
import { createOrder, moveOrder, readOrder } from '#shared/money/orders.ts'
import type { Order } from '#shared/money/tables.ts'
import { PLAN, planOrder } from '../good.ts'
import type { Plan } from './plans.ts'
import { loyaltySql } from '../tables.ts'

/** Transfers take their time. The price is kept for as long. */
const WAIT_HOURS = 24

export const planOf = (order: Pick<Order, 'details'>): z.infer<typeof planOrder> =>
  planOrder.parse(order.details)

/**
 * The balance is too small for a plan: it waits for money, at the price that was shown. Shown again when there is less on
 * the balance, what is asked for now is what may be taken.
 */
export async function awaitPlanMoney(
  tx: Sql,
  wish: {
    id: string
    personId: bigint
    bot: string
    plan: Plan
    name: string
    agreed: bigint
    to?: { id: bigint; name: string }
  },
): Promise<Order> {
  const { id, personId, bot, plan, name, to } = wish
  const actor = `person:${personId}`
  const details = {
    plan: plan.code,
    name,
    days: plan.days,
    ...(to && { to: String(to.id), toName: to.name }),
  }
  await createOrder(
    tx,
    { id, personId, bot, good: PLAN.kind, asset: 'TOK', price: plan.priceTokens!, details },
    actor,
  )
  await moveOrder(tx, id, 'awaiting_payment', { actor, from: ['draft'] })
  await tx.rows(
    loyaltySql
      .updateTable('orders')
      .set(({ fn }) => ({
        details: detailsAnd({ agreed: String(wish.agreed) }),
        expires_at: fn.coalesce('expires_at', ahead(WAIT_HOURS, 'hour')),
      }))
      .where('id', '=', id)
      .where('state', '=', 'awaiting_payment'),
  )
  return (await readOrder(tx, id))!
}

/** The person wants it no more, or has it by another way: nothing was charged, and what was topped up stays. */
export async function stopAwaiting(tx: Sql, id: string, actor: string, reason = ''): Promise<boolean> {
  return Boolean(await moveOrder(tx, id, 'cancelled', { actor, reason, from: ['awaiting_payment'] }))
}

/** Ends the waiting orders of a plan that the person has just bought. */
export async function stopAwaitingPlan(tx: Sql, personId: bigint, plan: string, to?: bigint): Promise<void> {
  // By hand: the builder cannot check fields of `details`.
  const waiting = await tx.rows(q<{ id: string }>`
    select id from orders where person_id = ${personId} and state = 'awaiting_payment' and good = ${PLAN.kind}
      and details ->> 'plan' = ${plan} and details ->> 'to' is not distinct from ${to?.toString() ?? null}`)
  for (const { id } of waiting) await stopAwaiting(tx, id, 'shop', 'bought')
}

/** Plans whose money came by a way that does not name them; tried anew only when money has moved since. */
export async function goOnWithPlans(sql: Sql, goods: Assortment): Promise<void> {
  const moved = await sql.rows(
    loyaltySql
      .selectFrom('orders as o')
      .innerJoin('wallets as w', 'w.person_id', 'o.person_id')
      .select(({ fn }) => ['o.id as orderId', fn.max('w.updated_at').as('at')])
      .where('o.state', '=', literal('awaiting_payment' as const))
      .where('o.good', '=', PLAN.kind)
      .where('w.asset', 'in', ['TOK', 'RUB'])
      .whereRef('w.updated_at', '>', 'o.created_at')
      .groupBy('o.id')
      .orderBy('at', 'desc')
      .limit(200),
  )
  for (const { orderId, at } of moved) await resumeWaiting(sql, goods, orderId, `balance-${at.getTime()}`)
}
