import { sql as q } from 'kysely'
import { loyaltySql } from '../tables.ts'
import type { z } from 'zod'
import type { Sql } from '#shared/db/db.ts'
import { createOrder, readOrder } from '#shared/money/orders.ts'
import { awaitMoney, endWaiting } from '#shared/money/waiting.ts'
import type { Order } from '#shared/money/tables.ts'
import { PLAN, planOrder } from '../good.ts'
import type { Plan } from './plans.ts'

export const planOf = (order: Pick<Order, 'details'>): z.infer<typeof planOrder> =>
  planOrder.parse(order.details)

/** The balance is too small for a plan: its order waits for money. */
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
  const waits = await awaitMoney(tx, id, { actor, agreed: wish.agreed })
  return waits ?? (await readOrder(tx, id))!
}

/** Ends a person's waiting orders for a plan that the person has just bought. */
export async function stopAwaitingPlan(tx: Sql, personId: bigint, plan: string, to?: bigint): Promise<void> {
  const waiting = await tx.rows(
    loyaltySql
      .selectFrom('orders')
      .select('id')
      .where('person_id', '=', personId)
      .where('state', '=', q.lit('awaiting_payment'))
      .where('good', '=', PLAN.kind)
      .where(q`details ->> 'plan'`, '=', plan)
      .where(q`details ->> 'to'`, 'is not distinct from', to?.toString() ?? null),
  )
  for (const { id } of waiting) await endWaiting(tx, id, 'shop', 'bought')
}
