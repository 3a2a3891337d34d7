import { sql as q } from 'kysely'
import { moneySql } from '#shared/money/tables.ts'
import { ahead } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import type { Payment } from '#shared/money/tables.ts'
import { Rejected, Transient, explain } from '#shared/errors.ts'
import { operatorsOf, oweAdminAlert, toldOf } from '#shared/notices.ts'
import { descriptionOf, readPayment } from '../payments.ts'
import { receiptOf } from '../receipt-email.ts'
import { paymentReference } from '../reference.ts'
import { moveRefund, readRefund, type Refund } from '../refunds.ts'
import { done, later, reject, type Verdict } from '#shared/queue/job.ts'
import { bookRefund } from './book-refund.ts'
import { starsBack } from './stars-refunds.ts'
import type { PaymentProvider } from '../providers/port.ts'
import type { ProviderContext, WayBack } from './context.ts'
import { heed } from './heed.ts'
import { refuseRefund } from './heed-refund.ts'

/** How often a provider is asked about a refund of which it has not said how it ended. */
const LOOK_MS = 5_000
/**
 * Longer than a call to a vendor may take (15 s): a refund that is `sent` for longer is in nobody's call. A call to
 * Telegram may take 30 s, but Telegram gives the Stars of a payment back once, however often it is asked.
 */
const CALL_MS = 20_000

/**
 * Carries out a refund. The state `sent` is committed before the call. A worker that finds the refund in this state,
 * without an outcome, knows only that the money may have gone back: it asks the provider and does not send again.
 */
export async function onRefund(context: ProviderContext, job: { refundId: string }): Promise<Verdict> {
  const refund = await readRefund(context.db, job.refundId)
  const payment = refund && (await readPayment(context.db, refund.paymentId))
  if (!refund || !payment) return done
  const way =
    payment.provider === 'stars' ? starsBack(context, payment) : await vendorBack(context, payment, refund)
  if (refund.state === 'done') return await ended(way)
  if (!way) {
    await context.db.tx((tx) =>
      refuseRefund(
        tx,
        context.bots,
        refund,
        'this provider gives nothing back by itself',
        'refund-why-no-way',
      ),
    )
    return done
  }
  // Redis may give a job to a second worker while the first one is still calling.
  if (refund.state === 'sent' && refund.ageMs < CALL_MS)
    return later(CALL_MS - refund.ageMs, 'another worker may be sending the refund')
  if (refund.state === 'sent' || (way.wasGiven && ['started', 'unknown'].includes(refund.state))) {
    if (!way.wasGiven) return await uncertain(context, refund, 'the process ended during the call')
    const verdict = await lookUp(context, refund, way as Required<WayBack>)
    if (verdict) return verdict
  } else if (refund.state !== 'asked') return done
  const against = await way.speaksAgainst?.()
  if (against) {
    await context.db.tx((tx) => refuseRefund(tx, context.bots, refund, against, 'refund-why-more-came'))
    return done
  }
  if (!(await moveRefund(context.db, refund.id, ['asked'], 'sent'))) return done
  return await send(context, refund, way)
}

async function vendorBack(
  context: ProviderContext,
  payment: Payment,
  refund: Refund,
): Promise<WayBack | undefined> {
  const provider = context.payments.get(payment.provider)
  const { providerRef } = payment
  if (!provider?.refund || !providerRef) return undefined
  const request = {
    refund: refund.id,
    reference: paymentReference(payment),
    invoice: providerRef,
    amount: { asset: payment.asset, amount: refund.back ?? payment.booked },
    description: descriptionOf(payment),
    ...(refund.address && { address: refund.address }),
    ...(await receiptOf(context.db, provider, payment)),
  }
  return {
    give: () => provider.refund!(request),
    ...(provider.wasRefunded && { wasGiven: () => provider.wasRefunded!(request) }),
    ...(provider.supports.refunds === 'address' && {
      speaksAgainst: () => otherSum(context, provider, payment, request.amount.amount),
    }),
  }
}

/**
 * A vendor that sends coins to an address gives back all that came, whatever sum was asked for. A further transfer that
 * nobody has heard of yet would be given back now and credited when it is told.
 */
async function otherSum(
  context: ProviderContext,
  provider: PaymentProvider,
  { id, providerRef }: Payment,
  back: bigint,
): Promise<string | undefined> {
  const reading = await provider.lookup({ reference: '', invoice: providerRef! })
  if (reading) await heed(context, provider, reading, 'check')
  const payment = await readPayment(context.db, id)
  return payment?.booked === back ? undefined : 'more has come since it was asked for, so ask for it again'
}

async function send(context: ProviderContext, refund: Refund, way: WayBack): Promise<Verdict> {
  try {
    if ((await way.give()) === 'started') {
      await watch(context.db, refund, 'started')
      return way.wasGiven ? later(LOOK_MS, 'the refund is on its way') : done
    }
  } catch (error) {
    if (error instanceof Rejected) {
      await context.db.tx((tx) => refuseRefund(tx, context.bots, refund, explain(error)))
      return done
    }
    if (error instanceof Transient) {
      await moveRefund(context.db, refund.id, ['sent'], 'asked')
      throw error
    }
    if (!way.wasGiven) return await uncertain(context, refund, explain(error))
    await moveRefund(context.db, refund.id, ['sent'], 'unknown', explain(error))
    return later(LOOK_MS, explain(error))
  }
  await context.db.tx((tx) => bookRefund(tx, refund))
  return await ended(way)
}

async function ended(way: WayBack | undefined): Promise<Verdict> {
  await way?.afterwards?.()
  return done
}

/** @returns undefined when it has not happened, and may be sent */
async function lookUp(
  context: ProviderContext,
  refund: Refund,
  way: Required<WayBack>,
): Promise<Verdict | undefined> {
  try {
    if (await way.wasGiven()) {
      await context.db.tx((tx) => bookRefund(tx, refund))
      return await ended(way)
    }
  } catch (error) {
    if (error instanceof Rejected) return await uncertain(context, refund, explain(error))
    return later(LOOK_MS, explain(error))
  }
  // Only from the state that the question was about: another worker may have found the same and be sending by now.
  const isFree = await moveRefund(context.db, refund.id, [refund.state], 'asked')
  return isFree ? undefined : done
}

async function uncertain(context: ProviderContext, refund: Refund, reason: string): Promise<Verdict> {
  await watch(context.db, refund, 'unknown', reason)
  await context.db.tx(async (tx) => {
    const payment = await readPayment(tx, refund.paymentId)
    await oweAdminAlert(tx, payment ? toldOf(context.bots, payment.bot) : operatorsOf(context.bots), {
      key: `refund-unknown-${refund.id}`,
      text: 'alert-refund-unknown',
      params: { number: refund.paymentId },
    })
  })
  return done
}

async function watch(sql: Sql, refund: Refund, to: 'started' | 'unknown', outcome?: string): Promise<void> {
  await moveRefund(sql, refund.id, ['sent', 'started'], to, outcome)
  await sql.rows(
    moneySql
      .updateTable('payments')
      .set({ checks: 0, next_check_at: ahead(15, 'second') })
      .where('id', '=', refund.paymentId)
      .where('provider', '<>', 'stars'),
  )
}

/** An admin who has seen the provider's cabinet says how an uncertain refund ended. */
export async function onSettleRefund(
  context: ProviderContext,
  job: { refundId: string; happened: boolean },
): Promise<Verdict> {
  return context.db.tx(async (tx) => {
    const refund = await readRefund(tx, job.refundId)
    if (refund?.state !== 'unknown') return done
    if (!(await hasSaid(tx, refund, job.happened)))
      return reject('no line of the audit log says that an admin has decided so')
    if (job.happened) await bookRefund(tx, refund)
    else
      await refuseRefund(tx, context.bots, refund, 'an admin saw that it did not happen', 'refund-why-seen')
    return done
  })
}

/**
 * The job is not sealed, so an admin's line in the audit log must prove it: the line was written in the transaction
 * that owed the job.
 */
async function hasSaid(tx: Sql, { id, paymentId }: Refund, happened: boolean): Promise<boolean> {
  const actions = happened ? ['payment.refund-happened', 'payment.unlisted-take'] : ['payment.refund-not']
  // By hand: a line of the log and the refund that it is about are looked for in one statement.
  const rows = await tx.rows(q`
    select 1 from audit_log a join payment_refunds r on r.id = ${id} and a.at >= r.created_at
    where a.target = ${`payment ${paymentId}`} and a.action = any(${actions}) limit 1`)
  return rows.length > 0
}
