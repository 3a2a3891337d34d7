import type { Payment, PaymentState } from '#shared/money/tables.ts'
import type { Money } from '#shared/money.ts'
import type { Reading } from '../providers/port.ts'

/** The fields of a payment that decide, beside what the provider says. */
export type KnownPayment = Pick<Payment, 'state' | 'asset' | 'amount' | 'creditAsset'> & {
  /** What was booked already, credited or in suspense, in minor units of what came. */
  booked: bigint
  /** What had come while the invoice could still be paid in parts. */
  part?: bigint
}

export interface Judgement {
  to?: PaymentState
  /** How much of what came is to be booked now; 0n = nothing new came. */
  book: bigint
  /** The currency of what came. */
  asset: Money['asset']
  /** Part of `book` that buys what was promised: the whole price, or nothing. */
  price: bigint
  /** What the person is told. */
  notice?: 'paid' | 'overpaid' | 'underpaid' | 'underpaid-open' | 'late' | 'extra' | 'expired' | 'review'
  /** Why a human has to look. */
  review?: 'terms' | 'sum' | 'locked' | 'unknown' | 'refund'
}

const OPEN: readonly PaymentState[] = ['created', 'pending', 'underpaid']
const OVER: readonly PaymentState[] = ['expired', 'cancelled', 'failed']

/**
 * What one statement of a provider means for a payment. The same facts always give the same decision, and a statement
 * that says nothing new books nothing.
 *
 *   what came                   what it becomes
 *   exactly what was asked      the promised credit
 *   more                        the promised credit; the rest waits in suspense for the person to take
 *   less, and no more will come all of it waits in suspense for the person to take
 *   other terms, or no sum      suspense if we can count it, and an admin's review; nothing is credited
 *   paid after it was over      the promised credit if the currency is the very same; else suspense: the price is old
 *   a part, and then an end     an admin's review: nobody says where the part is
 */
export function judge(known: KnownPayment, reading: Reading): Judgement {
  const nothing: Judgement = { book: 0n, asset: known.asset, price: 0n }
  switch (reading.state) {
    case 'pending':
    case 'confirming':
      return known.state === 'created' ? { ...nothing, to: 'pending' } : nothing
    case 'expired':
    case 'cancelled':
    case 'failed':
      if (!OPEN.includes(known.state) || known.booked > 0n) return nothing
      // A part had come, and the word that the invoice is over says nothing about it: somebody has to ask where it is.
      if ((known.part ?? 0n) > 0n) return forReview(known, nothing, 'sum')
      return { ...nothing, to: reading.state, notice: 'expired' }
    case 'underpaid_open':
      if (known.booked > 0n || !OPEN.includes(known.state)) return nothing
      if (known.state !== 'underpaid') return { ...nothing, to: 'underpaid', notice: 'underpaid-open' }
      // A further part has come, and something is still missing.
      return (reading.received?.amount ?? 0n) > (known.part ?? 0n)
        ? { ...nothing, notice: 'underpaid-open' }
        : nothing
    case 'locked':
      return known.booked > 0n ? nothing : forReview(known, nothing, 'locked')
    case 'unknown':
      return { ...nothing, review: 'unknown' }
    case 'refunding':
    case 'refund_failed':
    case 'refunded':
      // Our own refunds are followed in refund.ts. A refund that nobody here asked for needs a human: what was credited
      // for the money may be spent, and no machine takes it back.
      if (known.booked === 0n) return forReview(known, nothing, 'refund')
      return reading.state === 'refunded' && known.state !== 'refunded'
        ? { ...nothing, review: 'refund' }
        : nothing
    case 'paid':
    case 'overpaid':
    case 'underpaid':
      return money(known, reading, nothing)
  }
}

function money(known: KnownPayment, reading: Reading, nothing: Judgement): Judgement {
  const { received, asked } = reading
  if (!received) return known.booked > 0n ? nothing : forReview(known, nothing, 'sum')
  const book = received.amount - known.booked
  // No refund of ours is a part, so somebody gave it back in the provider's cabinet, and the whole credit is still here.
  if (book <= 0n) return reading.partBack ? { ...nothing, review: 'refund' } : nothing
  const all = { book, asset: received.asset, price: 0n }

  if (asked?.asset !== known.asset || asked.amount !== known.amount || received.asset !== known.asset) {
    return forReview(known, all, 'terms')
  }
  if (known.booked > 0n) {
    const enough = received.amount > known.amount && known.state === 'paid'
    return { ...all, ...(enough && { to: 'overpaid' as const }), notice: 'extra' }
  }
  if (reading.state === 'underpaid' || received.amount < known.amount) {
    // The payment may be `underpaid` already, from the time when the payer could still have added the rest.
    return { ...all, ...(known.state !== 'underpaid' && { to: 'underpaid' as const }), notice: 'underpaid' }
  }
  const to = received.amount > known.amount ? 'overpaid' : 'paid'
  if (OVER.includes(known.state) && known.creditAsset !== known.asset) return { ...all, to, notice: 'late' }
  return { ...all, to, price: known.amount, notice: to }
}

function forReview(known: KnownPayment, decision: Judgement, review: Judgement['review']): Judgement {
  return known.state === 'review'
    ? decision
    : { ...decision, to: 'review', notice: 'review', ...(review && { review }) }
}
