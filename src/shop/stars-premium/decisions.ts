import { audit } from '#shared/audit.ts'
import type { Context } from '#shared/context.ts'
import type { Sql } from '#shared/db/db.ts'
import type { Order } from '#shared/money/tables.ts'
import { UserError } from '#shared/errors.ts'
import { newId } from '#shared/ids.ts'
import { type Attempt, lastAttempt } from '#shared/money/attempts.ts'
import { checkDecider, decideMoney, readPolicy } from '#shared/money/decisions.ts'
import { readOrder } from '#shared/money/orders.ts'
import { owe } from '#shared/queue/outbox.ts'
import { isKind } from './good.ts'
import { decideOrder } from './jobs.ts'
import { saleOf } from './orders.ts'
import { literal, NOW } from '#shared/db/build.ts'
import { starsPremiumSql } from './tables.ts'

/**
 * An admin's decision about an order: it was delivered; it failed (money back); try again; refund a delivered order.
 */
export type OrderDecision = 'delivered' | 'failed' | 'retry' | 'refund'

export interface DecidedBy {
  by: bigint
  bot: string
  reason: string
}

/** A decision as it is stored. `refused` = the order had moved on before the worker carried the decision out. */
export interface WrittenDecision {
  id: string
  orderId: string
  decision: OrderDecision
  state: 'asked' | 'done' | 'refused'
  adminId: bigint
  bot: string
  reason: string
  /** The order's last attempt at the time of the decision; the decision does not cover a later attempt. */
  attempt: number | null
}

/** `safe`: certainly nothing was bought. `unsafe`: a second try could buy twice. */
export type Retry = 'safe' | 'unsafe'

/**
 * Only an order whose attempts were all refused for certain may be tried again. A wallet without a missing sum does
 * not prove that nothing was bought.
 */
export function retryVerdict(attempt: Attempt | undefined): Retry {
  return !attempt || attempt.state === 'refused' ? 'safe' : 'unsafe'
}

/**
 * The states in which each decision is possible. While a purchase is under way its answer may still come, and no admin
 * can know better.
 */
const FROM: Record<OrderDecision, readonly Order['state'][]> = {
  delivered: ['reserved', 'unknown', 'review'],
  failed: ['reserved', 'unknown', 'review'],
  retry: ['review'],
  refund: ['delivered'],
}

/** @returns why this cannot be decided now; undefined when it can */
export function objection(
  order: Order,
  attempt: Attempt | undefined,
  decision: OrderDecision,
): 'order.moved' | 'retry.unsafe' | undefined {
  if (!isKind(order.good)) return 'order.moved'
  if (decision === 'retry' && retryVerdict(attempt) === 'unsafe') return 'retry.unsafe'
  // The head of several sub-orders was never charged; each sub-order is decided by itself.
  if (saleOf(order).recipients.length !== 1 || !FROM[decision].includes(order.state)) return 'order.moved'
  if (decision === 'delivered' && (!attempt || attempt.state === 'refused')) return 'order.moved'
  return undefined
}

/**
 * Writes an admin's decision down with its audit line and owes the job that carries it out, in one transaction. An
 * order has one decision at a time.
 * @throws UserError `order.moved`: it is not where this could be decided (any more), `order.decided`, `retry.unsafe`
 */
export async function recordDecision(
  app: Pick<Context, 'db' | 'settings' | 'config' | 'bots'>,
  orderId: string,
  decision: OrderDecision,
  who: DecidedBy,
): Promise<'asked' | 'second-needed'> {
  const policy = await readPolicy(app, who.bot)
  return app.db.tx(async (tx) => {
    const order = await readOrder(tx, orderId, true)
    if (!order) throw new UserError('order.moved')
    const attempt = await lastAttempt(tx, orderId)
    const why = objection(order, attempt, decision)
    if (why) throw new UserError(why)
    const number = attempt?.number ?? null
    await checkDecider(tx, who.by, order.personId)
    if (decision === 'refund' || decision === 'failed') {
      const decided = await decideMoney(tx, policy, {
        kind: 'order',
        reference: `order-${decision}-${orderId}`,
        bot: who.bot,
        by: who.by,
        personId: order.personId,
        money: { asset: order.asset, amount: order.price },
        find: `/find ${orderId}`,
        // If certainly nothing was bought, the refund is the buyer's own money. After a doubtful attempt the buyer
        // might get goods and money.
        ...(decision === 'failed' && retryVerdict(attempt) === 'safe' && { large: false }),
      })
      if (decided === 'second-needed') return decided
    }
    const [written] = await tx.rows(
      starsPremiumSql
        .insertInto('order_decisions')
        .values({
          id: newId(),
          order_id: orderId,
          decision,
          admin_id: who.by,
          bot: who.bot,
          reason: who.reason,
          attempt: number,
        })
        .onConflict((on) => on.doNothing())
        .returning('id'),
    )
    if (!written) throw new UserError('order.decided')
    await audit(tx, {
      actor: who.by,
      bot: who.bot,
      action: `order.${decision}`,
      target: orderId,
      details: { reason: who.reason, from: order.state, attempt: number },
    })
    await owe(tx, decideOrder, { decisionId: written.id })
    return 'asked'
  })
}

const decisions = starsPremiumSql
  .selectFrom('order_decisions')
  .select([
    'id',
    'order_id as orderId',
    'decision',
    'state',
    'admin_id as adminId',
    'bot',
    'reason',
    'attempt',
  ])

export async function readDecision(sql: Sql, id: string): Promise<WrittenDecision | undefined> {
  const [row] = await sql.rows(decisions.where('id', '=', id))
  return row
}

/** The decision that is stored and not carried out yet. */
export async function openDecision(sql: Sql, orderId: string): Promise<WrittenDecision | undefined> {
  // The condition is a literal, so that PostgreSQL uses the partial index "one open decision per order".
  const [row] = await sql.rows(
    decisions.where('order_id', '=', orderId).where('state', '=', literal('asked' as const)),
  )
  return row
}

/** @returns false when the decision was carried out already */
export async function closeDecision(
  tx: Sql,
  id: string,
  to: 'done' | 'refused',
  outcome = '',
): Promise<boolean> {
  const rows = await tx.rows(
    starsPremiumSql
      .updateTable('order_decisions')
      .set({ state: to, outcome, updated_at: NOW })
      .where('id', '=', id)
      .where('state', '=', 'asked')
      .returning('id'),
  )
  return rows.length > 0
}
