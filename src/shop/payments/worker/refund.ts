import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import { Rejected, Transient, explain } from '#shared/errors.ts'
import { release, takeHeld } from '#shared/money/holds.ts'
import { type Entry, post } from '#shared/money/ledger.ts'
import { oweAdminAlert, owePersonNotice } from '#shared/notices.ts'
import { movePayment, readPayment } from '../payments.ts'
import { paymentReference } from '../reference.ts'
import { holdOf, moveRefund, readRefund, type Refund } from '../refunds.ts'
import { done, type Verdict } from '#shared/queue/job.ts'
import type { AlertedBots } from './tell.ts'
import type { ProviderContext } from './context.ts'
import { shorten } from '#shared/storable.ts'

/**
 * Carries out a refund. That it is being sent is committed before the call; whoever finds it sent and without an
 * outcome knows only that it may have happened, and asks instead of sending again.
 */
export async function onRefund(context: ProviderContext, job: { refundId: string }): Promise<Verdict> {
  const refund = await readRefund(context.db, job.refundId)
  const payment = refund && (await readPayment(context.db, refund.paymentId))
  if (!refund || !payment) return done
  const provider = context.payments.get(payment.provider)
  if (refund.state === 'sent') return await uncertain(context, refund, 'the process ended during the call')
  if (refund.state !== 'asked') return done
  if (!provider?.refund || !payment.providerRef) {
    await context.db.tx((tx) =>
      refuse(tx, context.bots, refund, 'this provider gives nothing back by itself'),
    )
    return done
  }
  if (!(await moveRefund(context.db, refund.id, ['asked'], 'sent'))) return done
  try {
    const outcome = await provider.refund({
      reference: paymentReference(payment),
      invoice: payment.providerRef,
      amount: { asset: payment.asset, amount: payment.booked },
      ...(refund.address && { address: refund.address }),
    })
    if (outcome === 'done') await context.db.tx((tx) => bookRefund(tx, refund))
    else await watch(context.db, refund, 'started')
    return done
  } catch (error) {
    if (error instanceof Rejected) {
      await context.db.tx((tx) => refuse(tx, context.bots, refund, explain(error)))
      return done
    }
    if (error instanceof Transient) {
      await moveRefund(context.db, refund.id, ['sent'], 'asked')
      throw error
    }
    return await uncertain(context, refund, explain(error))
  }
}

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
    await refuse(tx, bots, refund, 'the provider could not')
  return true
}

async function uncertain(context: ProviderContext, refund: Refund, reason: string): Promise<Verdict> {
  await watch(context.db, refund, 'unknown', reason)
  await context.db.tx((tx) =>
    oweAdminAlert(tx, context.bots.values(), {
      key: `refund-unknown-${refund.id}`,
      text: 'alert-refund-unknown',
      params: { number: refund.paymentId },
    }),
  )
  return done
}

async function watch(sql: Sql, refund: Refund, to: 'started' | 'unknown', outcome?: string): Promise<void> {
  await moveRefund(sql, refund.id, ['sent'], to, outcome)
  await sql.rows(q`
    update payments set checks = 0, next_check_at = now() + interval '15 seconds' where id = ${refund.paymentId}`)
}

/** An admin who has seen the provider's cabinet says how an uncertain refund ended. */
export async function onSettleRefund(
  context: ProviderContext,
  job: { refundId: string; happened: boolean },
): Promise<Verdict> {
  await context.db.tx(async (tx) => {
    const refund = await readRefund(tx, job.refundId)
    if (refund?.state !== 'unknown') return
    if (job.happened) await bookRefund(tx, refund)
    else await refuse(tx, context.bots, refund, 'an admin saw that it did not happen')
  })
  return done
}

async function refuse(tx: Sql, bots: AlertedBots, refund: Refund, reason: string): Promise<void> {
  const moved = await moveRefund(tx, refund.id, ['asked', 'sent', 'started', 'unknown'], 'refused', reason)
  if (!moved) return
  if (refund.held > 0n) await release(tx, holdOf(refund.id), reason)
  await oweAdminAlert(tx, bots.values(), {
    key: `refund-refused-${refund.id}`,
    text: 'alert-refund-refused',
    params: { number: refund.paymentId, reason: shorten(reason, 200) },
  })
}

/** Money out of our account at the provider; what was promised for it back; what was spent is our loss, by name. */
async function bookRefund(tx: Sql, refund: Refund): Promise<void> {
  if (!(await moveRefund(tx, refund.id, ['asked', 'sent', 'started', 'unknown'], 'done'))) return
  const payment = await movePayment(tx, refund.paymentId, 'refunded')
  if (!payment) throw new Error(`payment ${refund.paymentId} cannot be refunded`)
  if (refund.held > 0n) await takeHeld(tx, holdOf(refund.id))
  const { asset, creditAsset, creditAmount, personId } = payment
  const promised = payment.details['credited'] === true ? payment.amount : 0n
  const back = promised > 0n ? creditAsset : asset
  const entries: Entry[] = [
    { owner: { system: `provider:${payment.provider}` }, asset, amount: payment.booked },
    { owner: { system: 'suspense' }, asset, amount: -BigInt(payment.suspended) },
    { owner: { person: personId }, asset: back, amount: -refund.held, bucket: 'held' },
    { owner: { system: 'shortfall' }, asset: back, amount: -refund.shortfall },
  ]
  if (promised > 0n && !(creditAsset === asset && creditAmount === promised)) {
    entries.push({ owner: { system: 'conversion' }, asset, amount: -promised })
    entries.push({ owner: { system: 'conversion' }, asset: creditAsset, amount: creditAmount })
  }
  await post(tx, {
    reference: `payment-${payment.id}-refund`,
    kind: 'refund',
    description: payment.provider,
    bot: payment.bot,
    details: { payment: payment.id, provider: payment.provider, shortfall: String(refund.shortfall) },
    entries: entries.filter((entry) => entry.amount !== 0n),
  })
  await tx.rows(q`update payments set suspended = 0, next_check_at = null where id = ${payment.id}`)
  await owePersonNotice(tx, {
    key: `refunded-${payment.id}`,
    bot: payment.bot,
    personId,
    text: 'payment-refunded',
    params: {
      back: { amount: payment.booked, asset },
      taken: { amount: refund.held, asset: back },
      number: payment.id,
    },
  })
}
