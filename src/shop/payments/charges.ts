import type { Sql } from '#shared/db/db.ts'
import type { Payment } from '#shared/money/tables.ts'
import type { Language } from '#shared/i18n/languages.ts'
import { owePersonNotice } from '#shared/notices.ts'
import { owe } from '#shared/queue/outbox.ts'
import { chargeCard } from './jobs.ts'
import type { ChargedRenewal } from '#shop/loyalty/subscriptions/card-renewals.ts'
import { createPayment } from './payments.ts'

export interface Charge {
  /** The same id again is the same charge. */
  id: string
  personId: bigint
  bot: string
  provider: string
  kopecks: bigint
  /** The payment with which the card was kept: another card of the same person is not charged. */
  keptWith: string
  digits: string
  renewal: ChargedRenewal
  description: string
  language: Language
}

/**
 * Begins a charge of a kept card: a payment like any other, in the caller's transaction, and the job that asks for it. The
 * money comes to the balance.
 */
export async function beginCharge(tx: Sql, charge: Charge): Promise<void> {
  const { id, personId, bot, provider, kopecks, ...details } = charge
  const sum = { asset: 'RUB', amount: kopecks, creditAsset: 'RUB', creditAmount: kopecks } as const
  if (await createPayment(tx, { id, personId, bot, provider, ...sum, details }))
    await owe(tx, chargeCard, { paymentId: id })
}

/**
 * The tries of a charge are over without an outcome. It is asked for again under its own key, as long as the provider
 * remembers the key; while the job is still under way, nothing is owed.
 */
export async function chargeAgain(tx: Sql, paymentId: string): Promise<void> {
  await owe(tx, chargeCard, { paymentId }, { again: true })
}

/** What a payment's details say of a charge; undefined = its payer paid it, or pays it, with their own hands. */
export function chargeOf(details: Record<string, unknown>): Pick<Charge, 'keptWith' | 'renewal'> | undefined {
  return 'renewal' in details ? (details as unknown as Pick<Charge, 'keptWith' | 'renewal'>) : undefined
}

/** A charge of which nobody could say for two days how it ended: an admin decides. What its provider says later counts. */
export const isUnknownCharge = ({ state, details }: Pick<Payment, 'state' | 'details'>): boolean =>
  state === 'review' && details['review'] === 'charge'

/**
 * A charge did not happen. Who was told of the doubt is told of its end here and not by the renewal: by now the plan may be
 * over, and then nothing looks at its renewals any more.
 */
export async function tellNotCharged(tx: Sql, payment: Payment): Promise<void> {
  const { id: number, bot, personId, amount, asset, details } = payment
  if (details['review'] !== 'charge') return
  await owePersonNotice(tx, {
    key: `not-charged-${number}`,
    bot,
    personId,
    text: 'card-not-charged-notice',
    params: { number, digits: String(details['digits']), sum: { amount, asset } },
    buttons: [[['subscriptions-open', 'plans']]],
  })
}
