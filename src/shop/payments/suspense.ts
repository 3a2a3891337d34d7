import type { Sql } from '#shared/db/db.ts'
import { moneySql } from '#shared/money/tables.ts'
import { UserError } from '#shared/errors.ts'
import { post } from '#shared/money/ledger.ts'
import type { Money } from '#shared/money.ts'
import { owe } from '#shared/queue/outbox.ts'
import { drawPayment } from './jobs.ts'
import { readPayment } from './payments.ts'
import { refundOf } from './refunds.ts'
import { NOW } from '#shared/db/build.ts'

/**
 * The person takes what waits for them in suspense as balance. A second tap takes nothing.
 * @returns what was taken, or undefined when nothing waits
 * @throws UserError `refund.already` while the same money may be going back to its payer
 */
export async function takeSuspended(
  tx: Sql,
  paymentId: string,
  personId: bigint,
  actor: string,
): Promise<Money | undefined> {
  const payment = await readPayment(tx, paymentId, true)
  if (!payment || payment.personId !== personId || payment.suspended <= 0n || !payment.suspendedAsset)
    return undefined
  const refund = await refundOf(tx, paymentId)
  if (refund && refund.state !== 'done') throw new UserError('refund.already')
  const money: Money = { asset: payment.suspendedAsset, amount: BigInt(payment.suspended) }
  const [taken] = await tx.rows(
    moneySql
      .updateTable('payments')
      .set(({ eb }) => ({ suspended: 0n, taken: eb('taken', '+', 1), updated_at: NOW }))
      .where('id', '=', paymentId)
      .returning('taken as times'),
  )
  await post(tx, {
    reference: `payment-${paymentId}-taken-${taken!.times}`,
    kind: 'payment',
    description: payment.provider,
    bot: payment.bot,
    details: { payment: paymentId, provider: payment.provider, actor },
    entries: [
      { owner: { system: 'suspense' }, ...money, amount: -money.amount },
      { owner: { person: personId }, ...money },
    ],
  })
  if (payment.card) await owe(tx, drawPayment, { paymentId, round: `taken-${taken!.times}` })
  return money
}
