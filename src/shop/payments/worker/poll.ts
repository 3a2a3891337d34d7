import { sql as q } from 'kysely'
import { moneySql } from '#shared/money/tables.ts'
import { ahead } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import { Transient, UnknownOutcome, explain } from '#shared/errors.ts'
import { readPayment } from '../payments.ts'
import { paymentReference } from '../reference.ts'
import { done, type Verdict } from '#shared/queue/job.ts'
import { drawPayment } from '../jobs.ts'
import { heed } from './heed.ts'
import { readBack } from './late-charge.ts'
import type { ProviderContext } from './context.ts'

const SOON_SECONDS = 10
const AWAY_SECONDS = 60

/** Puts the next look at a payment forward; it is never put back. */
export async function checkSoon(sql: Sql, paymentId: string, seconds = SOON_SECONDS): Promise<void> {
  await sql.rows(
    moneySql
      .updateTable('payments')
      .set({ next_check_at: q`least(next_check_at, ${ahead(seconds, 'second')})` })
      .where('id', '=', paymentId)
      .where('state', 'not in', ['paid', 'overpaid', 'refunded']),
  )
}

/** Asks the provider how a payment stands and applies the answer; the same way whether a poll or a person asked. */
export async function onCheck(
  context: ProviderContext,
  job: { paymentId: string; round: string },
): Promise<Verdict> {
  const payment = await readPayment(context.db, job.paymentId)
  const provider = payment && context.payments.get(payment.provider)
  if (!payment || !provider) return done
  try {
    const reading = await provider.lookup({
      reference: paymentReference(payment),
      ...(payment.providerRef && { invoice: payment.providerRef }),
    })
    await context.db.rows(
      moneySql
        .updateTable('payments')
        .set({ details: q`details || jsonb_build_object('checkedAt', now())` })
        .where('id', '=', payment.id),
    )
    if (reading) await heed(context, provider, reading, 'check')
    else await readBack(context, provider, payment)
    // The countdown and the time of the last look are part of the card.
    const drawn = { paymentId: payment.id, round: `after-${job.round}` }
    if (payment.card && payment.booked === 0n) await context.producer.add(drawPayment, drawn)
  } catch (error) {
    if (!(error instanceof Transient || error instanceof UnknownOutcome)) throw error
    // The job does not become a dead letter: the provider is away, and the payment is looked at again anyway.
    context.log.warn(
      { paymentId: payment.id, provider: provider.name, reason: explain(error) },
      'a provider is away',
    )
    await context.db.rows(
      moneySql
        .updateTable('payments')
        .set({ next_check_at: ahead(AWAY_SECONDS, 'second') })
        .where('id', '=', payment.id)
        .where('next_check_at', 'is not', null),
    )
  }
  return done
}
