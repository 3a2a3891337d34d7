import { sql as q } from 'kysely'
import { anyOf, literal, NOW } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import type { Payment } from '#shared/money/tables.ts'
import { UserError } from '#shared/errors.ts'
import { newId } from '#shared/ids.ts'
import { reserve } from '#shared/money/holds.ts'
import { lockedAvailable, readBalance } from '#shared/money/read.ts'
import type { Money } from '#shared/money.ts'
import { refundPayment, settleRefund } from './jobs.ts'
import { owe } from '#shared/queue/outbox.ts'
import { checkAddress, networkOf } from './addresses.ts'
import { boughtWith, frozenHold, frozenOf, isFrozen, readPayment } from './payments.ts'
import { paymentsSql } from './tables.ts'

export type RefundState = 'asked' | 'sent' | 'started' | 'done' | 'refused' | 'unknown'

export interface Refund {
  id: string
  paymentId: string
  state: RefundState
  /** What goes back to the payer, minor units; null = a refund of the release before, of all that was booked. */
  back: bigint | null
  /**
   * `held` = the part that is set aside from the person's balance. `shortfall` = the part that they have spent, which
   * is the shop's loss. Minor units.
   */
  held: bigint
  shortfall: bigint
  address: string | null
  /** Null where none of our admins asked for the refund. */
  adminId: bigint | null
  reason: string
  outcome: string | null
  /** The reference of the hold; null = `payback-<id>`. */
  hold: string | null
  /** For how long the refund has been in its state, by the database's clock. */
  ageMs: number
}

/** The reason of a refund that takes the credit away and gives nothing back, because nobody paid. */
export const UNLISTED = 'not in Telegram’s list'

export interface RefundQuote {
  /** What goes back to the payer. */
  back: Money
  /** What the person gives back of their balance, and what they have spent already. */
  held: Money
  shortfall: Money
}

/** What a refund of this payment would take, as things stand. @throws UserError `refund.not-paid`, `refund.taken`, `refund.waiting` */
export async function quoteRefund(sql: Sql, payment: Payment): Promise<RefundQuote> {
  const isPaid = ['paid', 'overpaid', 'underpaid'].includes(payment.state) || isFrozen(payment)
  if (!isPaid || payment.booked === 0n) {
    throw new UserError('refund.not-paid')
  }
  const { asset, creditAsset, creditAmount } = payment
  const promised = boughtWith(payment)
  // What waits in another asset came under another invoice, and is no part of what goes back.
  const waits = (payment.suspendedAsset ?? asset) === asset ? payment.suspended : 0n
  const taken = payment.booked - waits - promised
  // Money of another invoice with the same reference is in suspense as well: the person must get that money first.
  if (taken < 0n) throw new UserError('refund.waiting')
  // Money that was taken out of suspense is in the payment's currency. A refund in two currencies is made by a human.
  if (taken > 0n && creditAsset !== asset && promised > 0n) throw new UserError('refund.taken')
  const owed: Money =
    promised > 0n
      ? { asset: creditAsset, amount: creditAmount + (creditAsset === asset ? taken : 0n) }
      : { asset, amount: taken }
  const earlier = earlierHold(payment)
  const { available } = await readBalance(sql, payment.personId, owed.asset)
  const held = earlier?.amount ?? (available < owed.amount ? available : owed.amount)
  return {
    back: { asset, amount: payment.booked },
    held: { asset: owed.asset, amount: held },
    shortfall: { asset: owed.asset, amount: owed.amount - held },
  }
}

/**
 * An admin wants a refund: the person's money is set aside and the job is owed, in the caller's transaction. Billing
 * carries it out. Of all refunds of a payment at most one may have happened.
 */
export async function askRefund(
  tx: Sql,
  wish: { paymentId: string; adminId: bigint; address?: string; reason: string },
): Promise<RefundQuote> {
  const payment = await readPayment(tx, wish.paymentId, true)
  if (!payment) throw new UserError('refund.not-paid')
  if (wish.address) checkAddress(wish.address, networkOf(payment))
  const { refund, quote } = await openRefund(tx, payment, wish)
  await owe(tx, refundPayment, { refundId: refund.id })
  return quote
}

/**
 * An admin takes the credit of Stars away that Telegram's list does not have, as far as it is still there. Telegram is
 * asked for nothing. Billing carries it out.
 */
export async function takeUnlisted(tx: Sql, wish: { paymentId: string; adminId: bigint }): Promise<void> {
  const payment = await readPayment(tx, wish.paymentId, true)
  if (!payment || !isFrozen(payment)) throw new UserError('refund.not-paid')
  const { refund } = await openRefund(tx, payment, { adminId: wish.adminId, reason: UNLISTED })
  await owe(tx, settleRefund, { refundId: refund.id, happened: true })
}

/**
 * Writes a refund down and sets the person's money aside. The caller has locked the payment, and owes what follows.
 * @throws UserError what `quoteRefund` throws, and `refund.already`
 */
export async function openRefund(
  tx: Sql,
  payment: Payment,
  wish: { adminId?: bigint | undefined; address?: string; reason: string },
): Promise<{ refund: Refund; quote: RefundQuote }> {
  // The balance is locked before it is read: otherwise a purchase at this moment could take what is about to be set
  // aside.
  await lockedAvailable(tx, payment.personId, boughtWith(payment) > 0n ? payment.creditAsset : payment.asset)
  const quote = await quoteRefund(tx, payment)
  const earlier = earlierHold(payment)
  // If the release before this one set the tokens aside, it may have asked Telegram for the Stars as well: the refund
  // counts as sent. Stars that Telegram does not know are never asked for: an admin only says how their refund ended.
  const state: RefundState = isFrozen(payment) ? 'unknown' : earlier ? 'sent' : 'asked'
  const [refund] = await tx.rows(
    paymentsSql
      .insertInto('payment_refunds')
      .values({
        id: newId(),
        payment_id: payment.id,
        state,
        back: quote.back.amount,
        held: quote.held.amount,
        shortfall: quote.shortfall.amount,
        address: wish.address ?? null,
        admin_id: wish.adminId ?? null,
        reason: wish.reason,
        hold: earlier?.reference ?? null,
      })
      .onConflict((other) => other.doNothing())
      .returning(columns),
  )
  if (!refund) throw new UserError('refund.already')
  if (quote.held.amount > 0n && !earlier) {
    await reserve(tx, {
      reference: holdOf(refund),
      personId: payment.personId,
      ...quote.held,
      bot: payment.bot,
    })
  }
  return { refund, quote }
}

export const holdOf = (refund: Pick<Refund, 'id' | 'hold'>) => refund.hold ?? `payback-${refund.id}`

/**
 * The hold that exists already: of frozen Stars, or of a refund of Stars that version 0.1 had not ended when it
 * stopped.
 */
function earlierHold(payment: Payment): { reference: string; amount: bigint } | undefined {
  const { id, details } = payment
  if (isFrozen(payment)) return { reference: frozenHold(id), amount: frozenOf(payment) }
  const { refundHold, refundRefusals } = details as { refundHold?: string | null; refundRefusals?: number }
  if (typeof refundHold !== 'string') return undefined
  return {
    reference: `refund-${id}${refundRefusals ? `-${refundRefusals}` : ''}`,
    amount: BigInt(refundHold),
  }
}

const columns = [
  'id',
  'payment_id as paymentId',
  'state',
  'back',
  'held',
  'shortfall',
  'address',
  'admin_id as adminId',
  'reason',
  'outcome',
  'hold',
  q<number>`(extract(epoch from now() - updated_at) * 1000)::float8`.as('ageMs'),
] as const

export async function readRefund(sql: Sql, id: string): Promise<Refund | undefined> {
  const [row] = await sql.rows(paymentsSql.selectFrom('payment_refunds').select(columns).where('id', '=', id))
  return row
}

/** The refund of a payment that may have happened, if there is one. */
export async function refundOf(sql: Sql, paymentId: string): Promise<Refund | undefined> {
  const [row] = await sql.rows(
    paymentsSql
      .selectFrom('payment_refunds')
      .select(columns)
      .where('payment_id', '=', paymentId)
      .where('state', '<>', literal('refused')),
  )
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
  const rows = await sql.rows(
    paymentsSql
      .updateTable('payment_refunds')
      .set((are) => ({ state: to, outcome: outcome ?? are.ref('outcome'), updated_at: NOW }))
      .where('id', '=', id)
      .where('state', '=', anyOf(from))
      .returning('id'),
  )
  return rows.length > 0
}
