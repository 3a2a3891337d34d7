import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import type { Payment } from '#shared/money/tables.ts'
import { UserError } from '#shared/errors.ts'
import { newId } from '#shared/ids.ts'
import { reserve } from '#shared/money/holds.ts'
import { readBalance } from '#shared/money/read.ts'
import type { Money } from '#shared/money.ts'
import { refundPayment } from './jobs.ts'
import { owe } from '#shared/queue/outbox.ts'
import { readPayment } from './payments.ts'

export type RefundState = 'asked' | 'sent' | 'started' | 'done' | 'refused' | 'unknown'

export interface Refund {
  id: string
  paymentId: string
  state: RefundState
  /** Of the person's money, set aside; and what was spent already, which is the shop's loss. Minor units. */
  held: bigint
  shortfall: bigint
  address: string | null
  adminId: bigint
  outcome: string | null
}

export interface RefundQuote {
  /** What goes back to the payer. */
  back: Money
  /** What the person gives back of their balance, and what they have spent already. */
  held: Money
  shortfall: Money
}

/** What a refund of this payment would take, as things stand. @throws UserError `refund.not-paid`, `refund.taken`, `refund.waiting` */
export async function quoteRefund(sql: Sql, payment: Payment): Promise<RefundQuote> {
  if (!['paid', 'overpaid', 'underpaid'].includes(payment.state) || payment.booked === 0n) {
    throw new UserError('refund.not-paid')
  }
  const { asset, creditAsset, creditAmount } = payment
  const promised = payment.details['credited'] === true ? payment.amount : 0n
  const taken = payment.booked - payment.suspended - promised
  // Money of another invoice under the same reference waits here too: the person gets that first.
  if (taken < 0n) throw new UserError('refund.waiting')
  // What was taken out of suspense is in the currency of the payment; two currencies at once need a human's hand.
  if (taken > 0n && creditAsset !== asset && promised > 0n) throw new UserError('refund.taken')
  const owed: Money =
    promised > 0n
      ? { asset: creditAsset, amount: creditAmount + (creditAsset === asset ? taken : 0n) }
      : { asset, amount: taken }
  const { available } = await readBalance(sql, payment.personId, owed.asset)
  const held = available < owed.amount ? available : owed.amount
  return {
    back: { asset, amount: payment.booked },
    held: { asset: owed.asset, amount: held },
    shortfall: { asset: owed.asset, amount: owed.amount - held },
  }
}

/**
 * An admin's wish: the person's money is set aside and the job is owed, in the caller's transaction. Billing carries
 * it out. A payment has one refund at a time that may have happened.
 */
export async function askRefund(
  tx: Sql,
  wish: { paymentId: string; adminId: bigint; address?: string; reason: string },
): Promise<RefundQuote> {
  const payment = await readPayment(tx, wish.paymentId, true)
  if (!payment) throw new UserError('refund.not-paid')
  const quote = await quoteRefund(tx, payment)
  const id = newId()
  const rows = await tx.rows(q`
    insert into payment_refunds (id, payment_id, held, shortfall, address, admin_id, reason)
    values (${id}, ${payment.id}, ${quote.held.amount}, ${quote.shortfall.amount}, ${wish.address ?? null},
            ${wish.adminId}, ${wish.reason})
    on conflict do nothing returning id`)
  if (rows.length === 0) throw new UserError('refund.already')
  if (quote.held.amount > 0n) {
    await reserve(tx, { reference: holdOf(id), personId: payment.personId, ...quote.held, bot: payment.bot })
  }
  await owe(tx, refundPayment, { refundId: id })
  return quote
}

export const holdOf = (refundId: string) => `payback-${refundId}`

const columns = q`id, payment_id as "paymentId", state, held, shortfall, address, admin_id as "adminId", outcome`

export async function readRefund(sql: Sql, id: string): Promise<Refund | undefined> {
  const [row] = await sql.rows(q<Refund>`select ${columns} from payment_refunds where id = ${id}`)
  return row
}

/** The refund of a payment that may have happened, if there is one. */
export async function refundOf(sql: Sql, paymentId: string): Promise<Refund | undefined> {
  const [row] = await sql.rows(q<Refund>`
    select ${columns} from payment_refunds where payment_id = ${paymentId} and state <> 'refused'`)
  return row
}

/** @returns false when somebody else moved it first */
export async function moveRefund(
  sql: Sql,
  id: string,
  from: readonly RefundState[],
  to: RefundState,
  outcome?: string,
): Promise<boolean> {
  const rows = await sql.rows(q`
    update payment_refunds set state = ${to}, outcome = coalesce(${outcome ?? null}, outcome), updated_at = now()
    where id = ${id} and state = any(${[...from]}) returning id`)
  return rows.length > 0
}
