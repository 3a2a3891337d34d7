import { moneySql } from '#shared/money/tables.ts'
import { NOW } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import type { Language } from '#shared/i18n/languages.ts'
import type { Asset, Money } from '#shared/money.ts'
import type { PaymentProvider } from './providers/port.ts'
import { makeInvoice } from './jobs.ts'
import { owe } from '#shared/queue/outbox.ts'
import { createPayment, type NewPayment } from './payments.ts'

export interface TopUp {
  /** The same id again is the same payment: a second tap makes nothing. */
  id: string
  personId: bigint
  bot: string
  pay: Money
  /** What it buys; by default the same money on the person's balance. */
  credit?: Money
  /** The order that waits for this money and goes on when it has come. */
  orderId?: string
  description: string
  language: Language
  /** The payer has agreed that the card is kept for renewals. */
  keepCard?: boolean
}

/**
 * Begins a payment through a provider: the row, and the job that gets the link, in the caller's transaction.
 * @throws UserError `amount.limits` with `min` and `max` in minor units when the provider does not take such a sum
 */
export async function beginTopUp(tx: Sql, provider: PaymentProvider, topUp: TopUp): Promise<void> {
  const { pay, credit = pay } = topUp
  const limits = limitsOf(provider, pay.asset)
  if (!limits || pay.amount < limits.min || pay.amount > limits.max) {
    throw new UserError('amount.limits', { min: String(limits?.min ?? 0n), max: String(limits?.max ?? 0n) })
  }
  const payment: NewPayment = {
    id: topUp.id,
    personId: topUp.personId,
    bot: topUp.bot,
    provider: provider.name,
    asset: pay.asset,
    amount: pay.amount,
    creditAsset: credit.asset,
    creditAmount: credit.amount,
    ...(topUp.orderId && { orderId: topUp.orderId }),
    details: {
      description: topUp.description,
      language: topUp.language,
      ...(topUp.keepCard && { keepCard: true }),
    },
  }
  if (!(await createPayment(tx, payment))) return
  await owe(tx, makeInvoice, { paymentId: topUp.id })
}

export function limitsOf(provider: PaymentProvider, asset: Asset): { min: bigint; max: bigint } | undefined {
  return provider.supports.limits[asset]
}

/** Makes the poller look at a payment at its next tick. A payment that is credited already is left alone. */
export async function checkNow(sql: Sql, paymentId: string): Promise<void> {
  await sql.rows(
    moneySql
      .updateTable('payments')
      .set({ next_check_at: NOW })
      .where('id', '=', paymentId)
      .where('state', 'not in', ['paid', 'overpaid', 'refunded']),
  )
}
