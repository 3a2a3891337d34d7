import { sql as q } from 'kysely'
import type { Context } from '#shared/context.ts'
import type { Db, Sql } from '#shared/db/db.ts'
import type { Order } from '#shared/money/tables.ts'
import { ago, anyOf } from '#shared/db/build.ts'
import { starsPremiumSql } from '../tables.ts'
import { type Attempt, lastAttempt } from '#shared/money/attempts.ts'
import { moveOrder, readOrder } from '#shared/money/orders.ts'
import { owePersonNotice } from '#shared/notices.ts'
import { done, reject } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { owe } from '#shared/queue/outbox.ts'
import { closeDecision, objection, readDecision, type WrittenDecision } from '../decisions.ts'
import { delivered, type Ending, failed, openAttemptOf, refunded } from '../endings.ts'
import { decideOrder, type DecideOrder, fulfilOrder } from '../jobs.ts'
import { redraw } from '../tell.ts'

type Slice = Pick<Context, 'bots'> & { db: Db }

/**
 * Carries an admin's decision out: the end of the order and the decision's own are one transaction, so that a second
 * run finds nothing to do. An order that moved on meanwhile is left alone, and the admin hears of it.
 */
export async function carryOut(context: Slice, { decisionId }: DecideOrder): Promise<Verdict> {
  const decision = await readDecision(context.db, decisionId)
  if (!decision) return reject(`there is no decision ${decisionId}`)
  if (decision.state !== 'asked') return done
  await context.db.tx(async (tx) => {
    const order = await readOrder(tx, decision.orderId, true)
    if (!order) throw new Error(`there is no order ${decision.orderId}`)
    const attempt = await lastAttempt(tx, order.id, true)
    const isLater = (attempt?.number ?? null) !== decision.attempt
    const why = isLater ? 'order.moved' : objection(order, attempt, decision.decision)
    if (!(await closeDecision(tx, decision.id, why ? 'refused' : 'done', why))) return
    if (why) return await tellRefused(tx, decision, why)
    const isEnded = await end(tx, context, order, attempt, decision)
    if (!isEnded) throw new Error(`order ${order.id} did not take the decision ${decision.decision}`)
  })
  return done
}

function end(
  tx: Sql,
  { bots }: Slice,
  order: Order,
  attempt: Attempt | undefined,
  { decision, adminId, reason }: WrittenDecision,
): Promise<boolean> {
  const ending = { actor: `admin:${adminId}`, reason }
  switch (decision) {
    case 'delivered': {
      const supply = { id: attempt!.supplierRef, cost: null, reference: null }
      return delivered(tx, bots, attempt!, supply, ending)
    }
    case 'failed':
      return endAsFailed(tx, order, ending)
    case 'retry':
      return tryAgain(tx, order, attempt, ending)
    case 'refund':
      return refunded(tx, order, ending)
  }
}

async function endAsFailed(tx: Sql, order: Order, ending: Ending): Promise<boolean> {
  return failed(tx, order.id, await openAttemptOf(tx, order.id), 'fragment-not-executed', ending)
}

/** No attempt is open here; otherwise the decision would have been refused. */
async function tryAgain(
  tx: Sql,
  order: Order,
  attempt: Attempt | undefined,
  ending: Ending,
): Promise<boolean> {
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

async function tellRefused(
  tx: Sql,
  { id, orderId, adminId, bot }: WrittenDecision,
  why: string,
): Promise<void> {
  await owePersonNotice(tx, {
    key: `fadmin-decision-refused-${id}`,
    bot,
    personId: adminId,
    text: `fadmin-decision-${why.replaceAll('.', '-')}`,
    params: { number: orderId },
    buttons: [[['order-open', 'fadmin-order', orderId]]],
  })
}

/**
 * A decision whose job is dead is closed and its admin told, or it would hold up every later one: it moved nothing, as
 * its end and the order's are one transaction. One whose job is nowhere gets it again.
 */
export async function takeUpDecisions({ db }: { db: Db }): Promise<void> {
  const open = await db.rows(
    starsPremiumSql
      .selectFrom('order_decisions')
      .select('id')
      .where('state', '=', q.lit('asked'))
      .where('created_at', '<', ago(2, 'minute'))
      .orderBy('created_at')
      .limit(200),
  )
  if (open.length === 0) return
  const keys = open.map(({ id }) => decideOrder.id({ decisionId: id }))
  const jobs = await db.rows(
    starsPremiumSql
      .selectFrom('outbox')
      .select(['key', 'state'])
      .where('key', '=', anyOf(keys))
      .where('state', 'in', ['owed', 'queued', 'dead']),
  )
  const stateOf = new Map(jobs.map(({ key, state }) => [key, state]))
  for (const { id } of open) {
    const state = stateOf.get(decideOrder.id({ decisionId: id }))
    if (state === undefined) await owe(db, decideOrder, { decisionId: id }, { again: true })
    if (state === 'dead') await db.tx((tx) => giveUpDecision(tx, id))
  }
}

async function giveUpDecision(tx: Sql, id: string): Promise<void> {
  const decision = await readDecision(tx, id)
  if (decision && (await closeDecision(tx, id, 'refused', 'gave-up')))
    await tellRefused(tx, decision, 'gave-up')
}
