import type { Sql } from '#shared/db/db.ts'
import { release } from '#shared/money/holds.ts'
import type { Payment } from '#shared/money/tables.ts'
import { operatorsOf, oweAdminAlert, toldOf } from '#shared/notices.ts'
import { shorten } from '#shared/storable.ts'
import { isFrozen, notePayment, readPayment } from '../payments.ts'
import { holdOf, moveRefund, type Refund } from '../refunds.ts'
import { thawListed } from '../unlisted.ts'
import { bookRefund } from './book-refund.ts'
import type { AlertedBots } from './tell.ts'

/** The provider's later word about a refund of ours. @returns false when there is no refund it could be about */
export async function heedRefund(
  tx: Sql,
  bots: AlertedBots,
  refund: Refund | undefined,
  state: 'refunding' | 'refunded' | 'refund_failed',
): Promise<boolean> {
  if (!refund || refund.state === 'asked') return false
  if (state === 'refunding') await moveRefund(tx, refund.id, ['sent', 'unknown'], 'started')
  if (state === 'refunded') await bookRefund(tx, refund)
  if (state === 'refund_failed' && refund.state !== 'done')
    await refuseRefund(tx, bots, refund, 'the provider could not', 'refund-why-vendor')
  return true
}

/** The release before counts refusals in `refundRefusals` and names the hold of its next try by that number. */
async function forgetHold(tx: Sql, { id, details }: Payment): Promise<void> {
  await notePayment(tx, id, { refundHold: null, refundRefusals: Number(details['refundRefusals'] ?? 0) + 1 })
}

export type RefusalText = `refund-why-${'no-way' | 'more-came' | 'vendor' | 'seen'}`

/**
 * The refund did not happen: the person gets the held money back, the admins learn why, and a new refund may be asked
 * for.
 * @param reason for the story of the payment
 * @param why the text that says it to admins in their language; absent = they read the vendor's own words
 */
export async function refuseRefund(
  tx: Sql,
  bots: AlertedBots,
  refund: Refund,
  reason: string,
  why?: RefusalText,
): Promise<void> {
  const moved = await moveRefund(tx, refund.id, ['asked', 'sent', 'started', 'unknown'], 'refused', reason)
  if (!moved) return
  const payment = await readPayment(tx, refund.paymentId)
  const stays = payment && isFrozen(payment)
  if (refund.held > 0n && !stays) await release(tx, holdOf(refund), reason)
  if (payment && refund.hold !== null && !stays) await forgetHold(tx, payment)
  if (stays) await thawListed(tx, payment.id)
  await oweAdminAlert(tx, payment ? toldOf(bots, payment.bot) : operatorsOf(bots), {
    key: `refund-refused-${refund.id}`,
    ...(payment?.provider === 'stars'
      ? {
          text: 'refund-refused',
          params: {
            stars: { amount: payment.amount, asset: 'XTR' as const },
            person: String(payment.personId),
            reason: why ?? shorten(reason, 200),
          },
        }
      : {
          text: 'alert-refund-refused',
          params: { number: refund.paymentId, reason: why ?? shorten(reason, 200) },
        }),
  })
}
