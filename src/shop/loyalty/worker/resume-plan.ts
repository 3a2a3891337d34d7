import { UserError } from '#shared/errors.ts'
import type { Context } from '#shared/context.ts'
import { tokenInRoubles } from '#shared/money/exchange.ts'
import { moveOrder, readOrder } from '#shared/money/orders.ts'
import type { Order } from '#shared/money/tables.ts'
import { endWaiting } from '#shared/money/waiting.ts'
import { owePersonNotice } from '#shared/notices.ts'
import { done } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { closeOrderCard } from '#shared/queue/jobs/orders.ts'
import { owe } from '#shared/queue/outbox.ts'
import type { Sql } from '#shared/db/db.ts'
import type { ResumePlan } from '../jobs.ts'
import { loyaltySql } from '../tables.ts'
import { tellSubscriber } from '../subscriptions/tell.ts'
import { readPlan } from '../subscriptions/plans.ts'
import { buyPeriod } from '../subscriptions/subscriptions.ts'
import type { Subscription } from '../subscriptions/subscriptions.ts'
import { planOf } from '../subscriptions/waiting.ts'

const WORKER = 'worker:upkeep'

/**
 * Money came for a plan that waits for it. When nobody can buy this plan any more, its order ends and the money
 * stays on the balance.
 */
export async function resumeAwaitedPlan(
  { db, settings }: Pick<Context, 'db' | 'settings'>,
  { orderId, paymentId }: ResumePlan,
): Promise<Verdict> {
  const order = await readOrder(db, orderId)
  if (order?.state !== 'awaiting_payment') return done
  const rate = await tokenInRoubles(settings, order.bot)
  try {
    await db.tx(async (tx) => {
      const went = await payAwaited(tx, orderId, rate, WORKER)
      if (!went) return
      const { toName } = planOf(order)
      const { card } = went.order
      if (toName === undefined)
        return await tellSubscriber(tx, went.subscription, 'subscription-started-notice', {
          order: went.order,
          params: { price: { amount: order.price, asset: 'TOK' } },
        })
      await tellSubscriber(tx, went.subscription, 'subscription-gift-notice', {
        params: { from: await firstName(tx, order) },
      })
      if (card) await owe(tx, closeOrderCard, { orderId })
      await tell(tx, order, { key: 'given', text: 'plan-gift-done', params: { name: toName } })
    })
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    if (error.code !== 'balance.insufficient') await tellOver(db, order, error.code)
    // Only a part of the missing sum came. A payment that does not name the plan has its own notice.
    else if (!paymentId.startsWith('balance-'))
      await tell(db, order, {
        key: paymentId,
        text: 'plan-still-short',
        button: ['plan-pay-rest', 'plan-rest', orderId],
        asksFor: orderId,
      })
  }
  return done
}

/**
 * Pays for the plan that waited and begins its period.
 * @returns undefined when it waits no more
 * @throws UserError `balance.insufficient`, and `subscription.*` when the plan can no longer be bought as it was
 */
async function payAwaited(
  tx: Sql,
  id: string,
  rate: bigint,
  actor: string,
): Promise<{ order: Order; subscription: Subscription } | undefined> {
  const order = await readOrder(tx, id, true)
  if (order?.state !== 'awaiting_payment') return undefined
  const { plan: code, days, agreed, to } = planOf(order)
  const plan = await readPlan(tx, code)
  if (plan?.days !== days) throw new UserError('subscription.changed')
  await moveOrder(tx, id, 'delivered', { actor, through: 'reserved' })
  const subscription = await buyPeriod(tx, {
    payer: order.personId,
    personId: to === undefined ? order.personId : BigInt(to),
    plan: code,
    bot: order.bot,
    renews: to === undefined,
    // The order has the number of the press, so pressing again buys nothing more.
    reference: id,
    paid: order.price,
    roubles: { agreed: BigInt(agreed), rate },
  })
  return subscription && { order, subscription }
}

async function firstName(sql: Sql, { personId }: Order): Promise<string> {
  const [row] = await sql.rows(
    loyaltySql.selectFrom('persons').select('first_name as name').where('id', '=', personId),
  )
  return row?.name ?? ''
}

async function tellOver(db: Context['db'], order: Order, code: string): Promise<void> {
  await db.tx(async (tx) => {
    if (await endWaiting(tx, order.id, WORKER, code))
      await tell(tx, order, { key: 'over', text: 'plan-not-begun', button: ['subscriptions-open', 'plans'] })
  })
}

async function tell(
  sql: Sql,
  { id, bot, personId, details }: Order,
  {
    key,
    text,
    params,
    button,
    asksFor,
  }: { key: string; text: string; params?: Record<string, string>; button?: string[]; asksFor?: string },
): Promise<void> {
  const { name: plan } = planOf({ details })
  await owePersonNotice(sql, {
    key: `plan-${id}-${key}`,
    bot,
    personId,
    text,
    params: { plan, ...params },
    ...(asksFor !== undefined && { asksFor }),
    buttons: [[button ?? ['menu-open', 'menu-below']]],
  })
}
