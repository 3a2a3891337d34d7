import { moneySql } from '#shared/money/tables.ts'
import type { Sql } from '#shared/db/db.ts'
import type { Payment } from '#shared/money/tables.ts'
import { release, takeHeld } from '#shared/money/holds.ts'
import { type Entry, post } from '#shared/money/ledger.ts'
import { owePersonNotice } from '#shared/notices.ts'
import { takePlanBack } from '#shop/loyalty/subscriptions/stars.ts'
import { wordsOf } from '../book.ts'
import { boughtWith, movePayment, readPayment } from '../payments.ts'
import { holdOf, moveRefund, type Refund, UNLISTED } from '../refunds.ts'
import { takeBonusesBack } from '#shop/loyalty/promo/bonus.ts'

/**
 * Books a refund whose money has gone back to its payer. The sum leaves our account at the provider; the person's hold
 * pays for it, and what the person had spent already is booked as a loss of the shop. A refund that is told twice is
 * booked once.
 */
export async function bookRefund(tx: Sql, refund: Refund): Promise<void> {
  if (!(await moveRefund(tx, refund.id, ['asked', 'sent', 'started', 'unknown'], 'done'))) return
  const payment = await movePayment(tx, refund.paymentId, 'refunded')
  if (!payment) return await bookedBefore(tx, refund)
  if (refund.held > 0n) await takeHeld(tx, holdOf(refund))
  const { asset, creditAsset, creditAmount, personId } = payment
  const { back, promised, waited } = partsOf(payment, refund)
  const inAsset = promised > 0n ? creditAsset : asset
  const entries: Entry[] = [
    { owner: { system: `provider:${payment.provider}` }, asset, amount: back },
    { owner: { system: 'suspense' }, asset, amount: -waited },
    { owner: { person: personId }, asset: inAsset, amount: -refund.held, bucket: 'held' },
    { owner: { system: 'shortfall' }, asset: inAsset, amount: -refund.shortfall },
  ]
  if (promised > 0n && !(creditAsset === asset && creditAmount === promised)) {
    entries.push({ owner: { system: 'conversion' }, asset, amount: -promised })
    entries.push({ owner: { system: 'conversion' }, asset: creditAsset, amount: creditAmount })
  }
  const words = wordsOf(payment)
  await post(tx, {
    ...words,
    // The name that refunds of Stars have had since before there were vendors.
    reference: payment.provider === 'stars' ? `refund-${payment.id}` : `payment-${payment.id}-refund`,
    kind: 'refund',
    details: { ...words.details, shortfall: String(refund.shortfall) },
    entries: entries.filter((entry) => entry.amount !== 0n),
  })
  await tx.rows(
    moneySql
      .updateTable('payments')
      .set(({ eb }) => ({ suspended: eb('suspended', '-', waited), next_check_at: null }))
      .where('id', '=', payment.id),
  )
  const { shortfall } = refund
  await takePlanBack(tx, { paymentId: payment.id, personId, bot: payment.bot, shortfall })
  await takeBonusesBack(tx, { details: { payment: payment.id }, bot: payment.bot })
  await tell(tx, payment, refund, { amount: refund.held, asset: inAsset })
}

/**
 * What goes back to the payer; of that, what had bought what was promised, and what waits in suspense, because the person
 * was not asked to give it back. Money that came since, under this invoice or another one, is no part of it and stays.
 */
function partsOf(payment: Payment, { back: asked, held, shortfall }: Refund) {
  const { asset, creditAsset, creditAmount, booked } = payment
  const back = asked ?? booked
  const promised = boughtWith(payment)
  const owed = held + shortfall
  const ofBalance = promised === 0n ? owed : promised + (creditAsset === asset ? owed - creditAmount : 0n)
  const waited = back - ofBalance
  // What was promised was bought after the refund had begun: a human must look at both.
  if (waited < 0n) throw new Error(`payment ${payment.id} was credited while it was being refunded`)
  return { back, promised, waited }
}

/**
 * A worker of the release before has booked this refund meanwhile with a hold of its own, so our hold goes back to the
 * person.
 */
async function bookedBefore(tx: Sql, refund: Refund): Promise<void> {
  const payment = await readPayment(tx, refund.paymentId)
  if (payment?.state !== 'refunded') throw new Error(`payment ${refund.paymentId} cannot be refunded`)
  if (refund.held > 0n && refund.hold === null) await release(tx, holdOf(refund), 'refunded already')
}

async function tell(
  tx: Sql,
  payment: Payment,
  refund: Refund,
  taken: { amount: bigint; asset: Payment['asset'] },
): Promise<void> {
  const back = { amount: refund.back ?? payment.booked, asset: payment.asset }
  await owePersonNotice(tx, {
    key: `refunded-${payment.id}`,
    bot: payment.bot,
    personId: payment.personId,
    ...(payment.provider === 'stars'
      ? {
          text: refund.reason === UNLISTED ? 'stars-taken' : 'refunded-notice',
          params: { stars: back, taken },
        }
      : { text: 'payment-refunded', params: { back, taken, number: payment.id } }),
  })
}
