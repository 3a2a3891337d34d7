import { sql as q } from 'kysely'
import { ahead } from '#shared/db/build.ts'
import { explain, Rejected, Transient, UnknownOutcome } from '#shared/errors.ts'
import { moneySql } from '#shared/money/tables.ts'
import type { Payment } from '#shared/money/tables.ts'
import type { Run } from '#shared/queue/executor.ts'
import { done } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { shorten } from '#shared/storable.ts'
import { wantedRenewal } from '#shop/loyalty/subscriptions/card-renewals.ts'
import { chargeOf } from '../charges.ts'
import { endCard, openKeptCard } from '../kept-cards.ts'
import { descriptionOf, movePayment, readPayment } from '../payments.ts'
import type { PaymentProvider } from '../providers/port.ts'
import { receiptOf } from '../receipt-email.ts'
import { paymentReference } from '../reference.ts'
import type { ProviderContext } from './context.ts'
import { heed } from './heed.ts'
import { readBack } from './late-charge.ts'

/**
 * Charges a kept card. The intent is committed before the call. While the outcome is unknown, the same charge is asked for
 * again under the same key for as long as the provider remembers the key, and later it is only looked for.
 */
export async function onCharge(
  context: ProviderContext,
  { paymentId }: { paymentId: string },
  run: Pick<Run, 'lastTry'>,
): Promise<Verdict> {
  const payment = await readPayment(context.db, paymentId)
  if (payment?.state !== 'created') return done
  const provider = context.payments.get(payment.provider)
  const wasAsked = payment.details['invoiceAskedAt'] !== undefined
  // While the provider is switched off, nobody can say what became of a call of before: the payment's polls will ask.
  if (!provider?.charge)
    return wasAsked ? done : await fail(context, payment, 'the provider charges no cards')
  // The database may be older than the charge, and the provider may have forgotten its key.
  if (context.config.recoveryMode && (await lookFor(context, provider, payment))) return done
  const card = await cardToCharge(context, payment, provider)
  if (card === undefined) {
    // While the provider may still come to know of the charge, the payment's polls go on asking.
    if (!(await lookFor(context, provider, payment))) await readBack(context, provider, payment)
    return done
  }
  try {
    const reading = await provider.charge({
      reference: paymentReference(payment),
      card,
      amount: { asset: payment.asset, amount: payment.amount },
      description: descriptionOf(payment),
      ...(await receiptOf(context.db, provider, payment)),
    })
    await heed(context, provider, reading, 'check')
    return done
  } catch (error) {
    if (!(error instanceof Rejected)) {
      const isAway = error instanceof Transient || error instanceof UnknownOutcome
      if (!run.lastTry || !isAway) throw error
      // The renewal asks again every hour, for as long as it is wanted.
      context.log.warn({ paymentId, reason: explain(error) }, 'a card cannot be charged yet')
      return done
    }
    // A call of before may have happened although this one was refused.
    if (wasAsked && (await lookFor(context, provider, payment))) return done
    return await fail(context, payment, explain(error), error.code)
  }
}

/**
 * Writes the intent down.
 * @returns undefined when the charge must not be asked for: then the first call may have happened, or the payment is over
 */
function cardToCharge(
  context: ProviderContext,
  { id, personId, details }: Payment,
  { supports: { createRepeatableMs, keepsCards } }: PaymentProvider,
): Promise<string | undefined> {
  return context.db.tx(async (tx) => {
    // The payment is locked before the subscription, as where the outcome of the charge is heard.
    const payment = await readPayment(tx, id, true)
    if (payment?.state !== 'created') return undefined
    const { renewal, keptWith } = chargeOf(details)!
    const wanted = keepsCards === true && (await wantedRenewal(tx, renewal)) !== undefined
    const card = wanted ? await openKeptCard(tx, context.secrets, personId, keptWith) : undefined
    if (!card) {
      if (payment.details['invoiceAskedAt'] === undefined)
        await movePayment(tx, id, 'cancelled', {
          from: ['created'],
          set: { failure: 'not wanted any more' },
        })
      return undefined
    }
    const asked = await tx.rows(
      moneySql
        .updateTable('payments')
        .set({
          details: q`jsonb_build_object('invoiceAskedAt', now()) || details`,
          next_check_at: ahead(1, 'minute'),
        })
        .where('id', '=', id)
        // By the clock that wrote it: a worker whose own clock is late would ask again after the key's time.
        .where(
          q<boolean>`coalesce((details ->> 'invoiceAskedAt')::timestamptz
            + ${createRepeatableMs} * interval '1 millisecond' > now(), true)`,
        )
        .returning('id'),
    )
    return asked.length > 0 ? card : undefined
  })
}

/** @returns whether a call of before happened; its outcome is written down then */
async function lookFor(
  context: ProviderContext,
  provider: PaymentProvider,
  { id }: Payment,
): Promise<boolean> {
  const payment = await readPayment(context.db, id)
  if (payment?.state !== 'created') return true
  const found = await provider.lookup({ reference: paymentReference(payment) })
  if (found) await heed(context, provider, found, 'check')
  return found !== undefined
}

async function fail(
  context: ProviderContext,
  payment: Payment,
  reason: string,
  code?: string,
): Promise<Verdict> {
  const { id: paymentId, provider } = payment
  context.log.warn({ paymentId, provider, reason }, 'a kept card was not charged')
  await context.db.tx(async (tx) => {
    await movePayment(tx, paymentId, 'failed', { from: ['created'], set: { failure: shorten(reason, 300) } })
    if (code === 'card.over') await endCard(tx, payment)
  })
  return done
}
