import type { Sql } from '#shared/db/db.ts'
import type { Payment } from '#shared/money/tables.ts'
import { formatAmount } from '#shared/money.ts'
import { recordEvent } from '../events.ts'
import type { PaymentEvent } from '../events.ts'
import { book, postPayment } from '../book.ts'
import { moveByEvent, partReceived } from '../payments.ts'
import type { Reading } from '../providers/port.ts'
import { oweAll, owed } from '#shared/queue/outbox.ts'
import { drawPayment } from '../jobs.ts'
import { refundOf } from '../refunds.ts'
import { judge, type Judgement } from './decide.ts'
import { heedRefund } from './refund.ts'
import type { HeedContext } from './context.ts'
import { tellOutcome } from './tell.ts'

/** Where a statement came from, for the payment's story. */
export type ReadingSource = 'webhook' | 'check' | 'compare' | 'admin'

/**
 * Applies one confirmed statement to its payment: the event, the move, the posting and what is owed to the person, in
 * the caller's transaction. Said twice, or by two workers at once, it changes nothing the second time: the caller has
 * locked the row, what was booked is remembered in it, and the posting's reference is unique.
 */
export async function settlePayment(
  tx: Sql,
  context: Pick<HeedContext, 'bots' | 'goods'>,
  payment: Payment,
  reading: Reading,
  source: ReadingSource,
): Promise<Judgement> {
  const paymentId = payment.id
  const event = eventOf(payment, reading, source)
  // A second invoice under one reference: a create whose reply was lost, and yet both were paid.
  const another = payment.providerRef !== null && payment.providerRef !== reading.invoice
  if (another) {
    await recordEvent(tx, event)
    return await settleAnother(tx, context, payment, reading)
  }

  if (isRefundWord(reading.state)) {
    const refund = await refundOf(tx, paymentId)
    if (await heedRefund(tx, context.bots, refund, reading.state)) {
      await recordEvent(tx, event)
      return { book: 0n, asset: payment.asset, price: 0n }
    }
  }
  const decision = judge({ ...payment, part: partReceived(payment) }, reading)
  const phase = reading.state === 'confirming' ? { phase: 'confirming' } : {}
  const { received } = reading
  const facts = {
    providerRef: reading.invoice,
    ...(received && decision.to && { receivedAsset: received.asset }),
    ...(received &&
      (decision.to || decision.notice === 'underpaid-open') && {
        receivedAmount: formatAmount(received.amount, received.asset),
      }),
    ...((await isPosted(tx, payment, decision)) && {
      booked: { sum: decision.book, rest: decision.book - decision.price, asset: decision.asset },
    }),
    set: {
      status: reading.status,
      ...phase,
      ...(reading.sent && { sent: reading.sent }),
      ...(decision.review && { review: decision.review }),
      ...(decision.price > 0n && { credited: true }),
    },
  }
  const moved = await moveByEvent(tx, event, payment, decision.to, facts)
  if (!moved) throw new Error(`payment ${paymentId} cannot go from ${payment.state} to ${decision.to}`)
  const told = await tellOutcome(tx, context, payment, reading, decision, moved.available)
  const changed =
    decision.to ?? decision.notice ?? (payment.details['status'] !== reading.status ? 'status' : undefined)
  if (changed && payment.card)
    told.push(owed(drawPayment, { paymentId, round: roundOf(payment, reading, decision) }))
  await oweAll(tx, told)
  return decision
}

/** Before the payment is written, so that one statement says all of it. @returns whether anything new was posted */
async function isPosted(tx: Sql, payment: Payment, decision: Judgement): Promise<boolean> {
  if (decision.book === 0n) return false
  return await postPayment(tx, payment, decision, `${payment.booked + decision.book}`)
}

/** Each further part of a sum is drawn, also under the same word of the provider. */
function roundOf(payment: Payment, reading: Reading, { book: more, notice }: Judgement): string {
  const part = notice === 'underpaid-open' && reading.received ? `-${reading.received.amount}` : ''
  return `${reading.status}-${payment.booked + more}${part}`
}

function isRefundWord(state: Reading['state']): state is 'refunding' | 'refunded' | 'refund_failed' {
  return state === 'refunding' || state === 'refunded' || state === 'refund_failed'
}

async function settleAnother(
  tx: Sql,
  context: Pick<HeedContext, 'bots' | 'goods'>,
  payment: Payment,
  reading: Reading,
): Promise<Judgement> {
  const { received } = reading
  const money = (reading.state === 'paid' || reading.state === 'overpaid') && received !== undefined
  if (!money) return { book: 0n, asset: payment.asset, price: 0n }
  const decision: Judgement = { book: received.amount, asset: received.asset, price: 0n, notice: 'extra' }
  const fresh = await book(tx, payment, decision, `other-${reading.invoice}`, false)
  if (!fresh) return { ...decision, book: 0n }
  await oweAll(tx, await tellOutcome(tx, context, payment, reading, decision, 0n))
  return decision
}

/** The story has one line for each statement of the provider: its word and its sum name the line. */
function eventOf(payment: Payment, reading: Reading, source: ReadingSource): PaymentEvent {
  const sum = reading.received ? `-${reading.received.amount}` : ''
  return {
    provider: payment.provider,
    eventId: `${reading.invoice}-${reading.status}${sum}-${source}`,
    kind: source,
    paymentId: payment.id,
    payload: {
      state: reading.state,
      status: reading.status,
      ...(reading.received && { received: formatAmount(reading.received.amount, reading.received.asset) }),
      ...(reading.sent && { sent: reading.sent }),
    },
  }
}
