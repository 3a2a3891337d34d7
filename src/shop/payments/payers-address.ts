import type { Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import type { Payment } from '#shared/money/tables.ts'
import { oweAdminAlert, owePersonNotice } from '#shared/notices.ts'
import { paymentsSql } from './tables.ts'
import { checkAddress, networkOf } from './addresses.ts'
import { quoteRefund, refundOf } from './refunds.ts'
import { NOW } from '#shared/db/build.ts'

/** Where the money of a payment goes back to. Its payer gives the address, and nobody else can. */
export interface PayersAddress {
  /** Null = asked for, not given yet. */
  address: string | null
  askedAt: Date
}

export async function payersAddress(sql: Sql, paymentId: string): Promise<PayersAddress | undefined> {
  const [row] = await sql.rows(
    paymentsSql
      .selectFrom('payback_addresses')
      .select(['address', 'asked_at as askedAt'])
      .where('payment_id', '=', paymentId),
  )
  return row
}

/**
 * Asks the payer for an address, in the bot of the payment. Asking again sends another message. @throws UserError when
 * nothing can go back
 */
export async function askPayer(tx: Sql, payment: Payment, adminId: bigint): Promise<void> {
  const { back } = await quoteRefund(tx, payment)
  const [asked] = await tx.rows(
    paymentsSql
      .insertInto('payback_addresses')
      .values({ payment_id: payment.id, asked_by: adminId })
      .onConflict((conflict) =>
        conflict.column('payment_id').doUpdateSet({ asked_by: adminId, asked_at: NOW }),
      )
      .returning('asked_at as at'),
  )
  await owePersonNotice(tx, {
    key: `payback-address-${payment.id}-${asked!.at.getTime()}`,
    bot: payment.bot,
    personId: payment.personId,
    text: 'payback-asked',
    params: { sum: back },
    buttons: [[['payback-mine-key', 'payback-mine', payment.id]]],
  })
}

/**
 * The payer has seen the address once more and says yes. They may change it until the money is on its way.
 * @throws UserError what `checkAddress` and `quoteRefund` throw; `refund.already` when a refund has begun
 */
export async function givePayersAddress(tx: Sql, payment: Payment, address: string): Promise<void> {
  checkAddress(address, networkOf(payment))
  const { back } = await quoteRefund(tx, payment)
  if (await refundOf(tx, payment.id)) throw new UserError('refund.already')
  const [given] = await tx.rows(
    paymentsSql
      .updateTable('payback_addresses')
      .set({ address, given_at: NOW })
      .where('payment_id', '=', payment.id)
      .returning('given_at as at'),
  )
  if (!given) throw new UserError('refund.not-paid')
  await oweAdminAlert(tx, [{ name: payment.bot }], {
    key: `payback-address-${payment.id}-${given.at!.getTime()}`,
    text: 'alert-payback-address',
    params: { person: String(payment.personId), sum: back, find: `/payments ${payment.id}` },
  })
}
