import type { Sql } from '#shared/db/db.ts'
import type { Payment } from '#shared/money/tables.ts'
import { formatAmount } from '#shared/money.ts'
import { recordEvent } from '../events.ts'
import type { PaymentEvent } from '../events.ts'
import { isUnknownCharge } from '../charges.ts'
import { book, bookedUnder, otherInvoice, postPayments, toSuspense } from '../book.ts'
import { moveByEvents, partReceived } from '../payments.ts'
import type { Said } from '../payments.ts'
import type { Reading } from '../providers/port.ts'
import { oweAll, owed } from '#shared/queue/outbox.ts'
import type { Owed } from '#shared/queue/outbox.ts'
import { currentTrace, workFor } from '#shared/trace/trace.ts'
import { drawPayment } from '../jobs.ts'
import { refundOf } from '../refunds.ts'
import { judge, type Judgement } from './decide.ts'
import { heedRefund } from './heed-refund.ts'
import type { HeedContext } from './context.ts'
import { tellOutcome } from './tell.ts'

/** Where a statement came from, for the payment's story. */
export type ReadingSource = 'webhook' | 'check' | 'compare' | 'admin'

/** A confirmed statement of a provider, and its payment, whose row is locked. */
export interface Heard {
  payment: Payment
  reading: Reading
  source: ReadingSource
  /** Runs something as part of the job that brought the statement. */
  within: <T>(work: () => T) => T
}

/**
 * Applies confirmed statements, each of another payment: the event, the move, the posting and what is owed to the person,
 * in the caller's transaction. Said twice, or by two workers at once, it changes nothing the second time: the caller has
 * locked the row, what was booked is remembered in it, and the posting's reference is unique. As many as there are cost
 * four statements, unless one of them is about a second invoice, a refund, an order that waits, or needs a human.
 */
export async function settlePayments(
  tx: Sql,
  context: Pick<HeedContext, 'bots' | 'goods'>,
  all: readonly Heard[],
): Promise<Judgement[]> {
  const judged: Judgement[] = []
  const plain: (Heard & { decision: Judgement })[] = []
  for (const heard of all) {
    heard.within(() => workFor({ payment: heard.payment.id }))
    const apart = await heard.within(() => settleApart(tx, context, heard))
    const decision = apart ?? judgeHeard(heard)
    judged.push(decision)
    if (!apart) plain.push({ ...heard, decision })
  }
  // The postings come first, so that one statement can then write each payment with what was posted for it.
  const posted = await postPayments(tx, plain)
  const available = await moveByEvents(
    tx,
    plain.map((one) => saidOf(one, posted.has(one.payment.id))),
  )
  const told: Owed[] = []
  for (const one of plain)
    told.push(...(await one.within(() => toldOf(tx, context, one, available.get(one.payment.id)!))))
  await oweAll(tx, told)
  return judged
}

/** A charge of which nobody knew how it ended is judged as if it had just been made: any word of its provider ends the doubt. */
const judgeHeard = ({ payment, reading }: Heard): Judgement =>
  judge(
    { ...payment, ...(isUnknownCharge(payment) && { state: 'created' }), part: partReceived(payment) },
    reading,
  )

/** @returns undefined when the statement is about the payment's own invoice and no refund of ours */
async function settleApart(
  tx: Sql,
  context: Pick<HeedContext, 'bots' | 'goods'>,
  heard: Heard,
): Promise<Judgement | undefined> {
  const { payment, reading } = heard
  // A second invoice under one reference: a create whose reply was lost, and yet both were paid.
  if (payment.providerRef !== null && payment.providerRef !== reading.invoice) {
    await recordEvent(tx, eventOf(heard))
    return await settleAnother(tx, context, payment, reading)
  }
  if (!isRefundWord(reading.state)) return undefined
  const refund = await refundOf(tx, payment.id)
  if (!(await heedRefund(tx, context.bots, refund, reading.state))) return undefined
  await recordEvent(tx, eventOf(heard))
  return { book: 0n, asset: payment.asset, price: 0n }
}

/** @param posted whether anything new was */
function saidOf(heard: Heard & { decision: Judgement }, posted: boolean): Said {
  const { payment, reading, decision } = heard
  const { received } = reading
  return {
    payment,
    event: eventOf(heard),
    to: decision.to,
    move: {
      providerRef: reading.invoice,
      ...(received && decision.to && { receivedAsset: received.asset }),
      ...(received &&
        (decision.to || decision.notice === 'underpaid-open') && {
          receivedAmount: formatAmount(received.amount, received.asset),
        }),
      ...(posted && {
        booked: { sum: decision.book, rest: toSuspense(payment, decision), asset: decision.asset },
      }),
      set: {
        status: reading.status,
        ...(reading.state === 'confirming' && { phase: 'confirming' }),
        ...(reading.sent && { sent: reading.sent }),
        ...(decision.review && { review: decision.review }),
        ...(decision.price > 0n && { credited: true }),
      },
    },
  }
}

/** What is owed to the person: a message, and the card as it is now. */
async function toldOf(
  tx: Sql,
  context: Pick<HeedContext, 'bots' | 'goods'>,
  { payment, reading, decision }: Heard & { decision: Judgement },
  available: bigint,
): Promise<Owed[]> {
  const told = await tellOutcome(tx, context, payment, reading, decision, available)
  const changed =
    decision.to ?? decision.notice ?? (payment.details['status'] !== reading.status ? 'status' : undefined)
  if (changed && payment.card)
    told.push(owed(drawPayment, { paymentId: payment.id, round: roundOf(payment, reading, decision) }))
  return told.map((job) => ({ ...job, trace: currentTrace() }))
}

/** Names the redraw of a card. A further part of a sum has a name of its own, even if the provider's state is the same. */
function roundOf(payment: Payment, reading: Reading, { book: more, notice }: Judgement): string {
  const part = notice === 'underpaid-open' && reading.received ? `-${reading.received.amount}` : ''
  return `${reading.status}-${payment.booked + more}${part}`
}

function isRefundWord(state: Reading['state']): state is 'refunding' | 'refunded' | 'refund_failed' {
  return state === 'refunding' || state === 'refunded' || state === 'refund_failed'
}

const MONEY: readonly Reading['state'][] = ['paid', 'overpaid', 'underpaid']

async function settleAnother(
  tx: Sql,
  context: Pick<HeedContext, 'bots' | 'goods'>,
  payment: Payment,
  reading: Reading,
): Promise<Judgement> {
  const { received, invoice } = reading
  const nothing: Judgement = { book: 0n, asset: payment.asset, price: 0n }
  if (!received || !MONEY.includes(reading.state)) return nothing
  const before = await bookedUnder(tx, payment, invoice)
  if (before && before.asset !== received.asset) {
    // How much of it is new cannot be counted: an admin looks, once for each word of the provider.
    const unclear: Judgement = { ...nothing, review: 'terms' }
    await tellOutcome(tx, context, payment, reading, unclear, 0n)
    return unclear
  }
  const more = received.amount - (before?.amount ?? 0n)
  if (more <= 0n) return nothing
  const decision: Judgement = { book: more, asset: received.asset, price: 0n, notice: 'extra' }
  // A payer may add to this one as well, so each total has a name of its own.
  const occasion = before ? `${otherInvoice(invoice)}-${received.amount}` : otherInvoice(invoice)
  if (!(await book(tx, payment, decision, occasion, { invoice, total: received.amount }))) return nothing
  const told = await tellOutcome(tx, context, payment, reading, decision, 0n)
  if (payment.card) told.push(owed(drawPayment, { paymentId: payment.id, round: occasion }))
  await oweAll(tx, told)
  return decision
}

/** The story has one line for each statement of the provider: its word and its sum name the line. */
function eventOf({ payment, reading, source }: Heard): PaymentEvent {
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
