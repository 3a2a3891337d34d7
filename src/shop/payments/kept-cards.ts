import { NOW } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import type { Payment, PaymentState } from '#shared/money/tables.ts'
import type { Secrets } from '#shared/secrets.ts'
import { dropSecret, readSecret, writeSecret } from '#shared/vault.ts'
import {
  forgetToldCharges,
  renewWithCharge,
  retryRenewals,
} from '#shop/loyalty/subscriptions/card-renewals.ts'
import { chargeOf, tellNotCharged } from './charges.ts'
import { notePayment } from './payments.ts'
import type { Reading } from './providers/port.ts'
import { paymentsSql } from './tables.ts'

/** A bank card that its payer let a provider keep. Nobody reads its name at the provider but billing, at a charge. */
export interface KeptCard {
  provider: string
  /** The last four, by which its owner knows the card. */
  digits: string
  /** The payment with which the card was kept. */
  paymentId: string
}

const secretOf = (personId: bigint) => `kept-card-${personId}`

export async function keptCard(sql: Sql, personId: bigint, lock = false): Promise<KeptCard | undefined> {
  const read = paymentsSql
    .selectFrom('kept_cards')
    .select(['provider', 'digits', 'payment_id as paymentId'])
    .where('person_id', '=', personId)
  const [card] = await sql.rows(lock ? read.forShare() : read)
  return card
}

/**
 * The provider's name of the card that was kept with this payment; undefined when the person has forgotten the card. Who
 * forgets the card now waits until the caller's intent is committed.
 */
export async function openKeptCard(
  tx: Sql,
  secrets: Secrets,
  personId: bigint,
  paymentId: string,
): Promise<string | undefined> {
  const card = await keptCard(tx, personId, true)
  return card?.paymentId === paymentId ? await readSecret(tx, secrets, secretOf(personId)) : undefined
}

/**
 * Forgets a person's card: from then on nothing is charged to it.
 * @param paymentId only the card that was kept with this payment
 * @returns whether there was one
 */
export async function forgetCard(tx: Sql, personId: bigint, paymentId?: string): Promise<boolean> {
  const cards = paymentsSql.deleteFrom('kept_cards').where('person_id', '=', personId)
  const gone = await tx.rows(
    (paymentId === undefined ? cards : cards.where('payment_id', '=', paymentId)).returning('digits'),
  )
  if (gone.length === 0) return false
  await dropSecret(tx, secretOf(personId))
  await forgetToldCharges(tx, personId)
  return true
}

/**
 * What a payment that has just moved means for the card. A payment is paid once, so that the same news, told again, does
 * not bring back a card that its owner has forgotten meanwhile.
 */
export async function followCard(
  tx: Sql,
  secrets: Secrets,
  { payment, reading }: { payment: Payment; reading: Reading },
  to: PaymentState | undefined,
): Promise<void> {
  const { personId, provider, details, id } = payment
  const isPaid = to === 'paid' || to === 'overpaid'
  // A person who was banned after agreeing could not have the card forgotten, see `setBan`.
  if (isPaid && bringsCard({ payment, reading }) && !(await isBanned(tx, personId))) {
    const { card, digits } = reading.keptCard!
    const kept = { provider, digits: digits.slice(-4), payment_id: id, kept_at: NOW }
    await tx.rows(
      paymentsSql
        .insertInto('kept_cards')
        .values({ person_id: personId, ...kept })
        .onConflict((other) => other.column('person_id').doUpdateSet(kept)),
    )
    await writeSecret(tx, secrets, secretOf(personId), card)
    await forgetToldCharges(tx, personId)
    await retryRenewals(tx, personId)
  }
  const charge = chargeOf(details)
  if (!charge) return
  if (isPaid) await renewWithCharge(tx, charge.renewal)
  if (to === 'cancelled' || to === 'failed' || to === 'expired') await tellNotCharged(tx, payment)
  if (reading.cardIsOver) await endCard(tx, payment)
}

/** Whether the news may bring a card that its owner lets us keep. */
export const bringsCard = ({ payment, reading }: { payment: Payment; reading: Reading }): boolean =>
  payment.details['keepCard'] === true && reading.keptCard !== undefined

/**
 * The person's row is locked: a ban at this moment comes before, or it waits and then forgets the card that is kept now.
 * A transaction that moves money as well asks before the posting, because a purchase locks its person before the wallet.
 */
export async function isBanned(tx: Sql, personId: bigint): Promise<boolean> {
  const [person] = await tx.rows(
    paymentsSql.selectFrom('persons').select('banned_at as at').where('id', '=', personId).forShare(),
  )
  return person?.at != null
}

/** The card of this charge takes no other one. */
export async function endCard(tx: Sql, { id, personId, details }: Payment): Promise<void> {
  await notePayment(tx, id, { cardIsOver: true })
  await forgetCard(tx, personId, chargeOf(details)!.keptWith)
}
