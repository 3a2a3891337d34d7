import fc from 'fast-check'
import type { Asset } from '#shared/money.ts'
import type { Reading, ReadingState } from '#shop/payments/providers/port.ts'

/** What one invoice asks for, kopecks. */
export const ASKED = 1_000n
/** How much of an invoice may have come, in this order: a payer adds to what they sent, and takes nothing away. */
const LEVELS = [0n, 600n, ASKED, 1_250n, 2_000n] as const

const UNPAID = ['pending', 'confirming', 'expired', 'cancelled', 'failed', 'locked', 'unknown'] as const
const ABOUT_REFUNDS = ['refunding', 'refund_failed', 'refunded'] as const

/** What a vendor has to say of an invoice of which so much has come. */
const saidOf = (level: bigint): readonly ReadingState[] =>
  level === 0n
    ? UNPAID
    : level < ASKED
      ? ['underpaid_open', 'underpaid']
      : level === ASKED
        ? ['paid', 'confirming']
        : ['overpaid', 'paid']

export interface Truth {
  /** How much has come in the end, under our own invoice and under a second one with the same reference. */
  own: bigint
  second: bigint
  /** The currency of the second invoice. */
  secondAsset: Asset
}

export interface Statement {
  invoice: 'own' | 'second'
  state: ReadingState
  received: bigint
}

export const truths: fc.Arbitrary<Truth> = fc.record({
  own: fc.constantFrom(...LEVELS),
  second: fc.constantFrom(...LEVELS),
  secondAsset: fc.constantFrom<Asset>('RUB', 'USD'),
})

/** A statement that the vendor makes at some moment on the way to this truth; chargebacks and refunds come at any time. */
export const statementsOf = (truth: Truth): fc.Arbitrary<Statement> =>
  fc
    .constantFrom<Statement['invoice']>('own', 'own', 'second')
    .chain((invoice) =>
      fc
        .constantFrom(...LEVELS.filter((level) => level <= truth[invoice]))
        .chain((received) =>
          fc
            .constantFrom<ReadingState>(...saidOf(received), ...saidOf(received), ...ABOUT_REFUNDS)
            .map((state) => ({ invoice, state, received })),
        ),
    )

/** The vendor's last word on an invoice, which polls and the daily comparison hear in the end. */
export const lastWord = (truth: Truth, invoice: Statement['invoice']): Statement => {
  const received = truth[invoice]
  const state =
    received === 0n ? 'expired' : received < ASKED ? 'underpaid' : received === ASKED ? 'paid' : 'overpaid'
  return { invoice, state, received }
}

/** The statement as an adapter reads it. */
export function readingOf(
  { invoice, state, received }: Statement,
  names: { reference: string; own: string; secondAsset: Asset },
): Reading {
  const asset = invoice === 'own' ? 'RUB' : names.secondAsset
  return {
    invoice: invoice === 'own' ? names.own : `${names.own}-second`,
    reference: names.reference,
    state,
    status: state,
    asked: { asset, amount: ASKED },
    received: received === 0n ? undefined : { asset, amount: received },
    sent: undefined,
    deposit: false,
    createdAt: undefined,
  }
}
