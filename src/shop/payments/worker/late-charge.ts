import { sql as q } from 'kysely'
import type { Context } from '#shared/context.ts'
import { ago, literal } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import { moneySql } from '#shared/money/tables.ts'
import type { Payment } from '#shared/money/tables.ts'
import { oweAdminAlert, owePersonNotice, toldOf } from '#shared/notices.ts'
import { done } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { chargeOf, isUnknownCharge, tellNotCharged } from '../charges.ts'
import { movePayment, readPayment } from '../payments.ts'
import type { PaymentProvider, Reading } from '../providers/port.ts'
import { paymentReference } from '../reference.ts'
import type { ProviderContext } from './context.ts'
import { heed } from './heed.ts'

const HOUR_MS = 3_600_000
/** Nobody has been able to say for this long how a charge ended. Its key is forgotten after 24 hours. */
const DOUBT_HOURS = 48
const BATCH = 500

/**
 * Finds out how a charge ended for which its provider does not remember the key any more. A search by reference looks
 * through the newest payments only, so the provider's list of the day in question is read as a whole: a charge that is
 * not in it did not happen.
 */
export async function readBack(
  context: ProviderContext,
  provider: PaymentProvider,
  payment: Payment,
): Promise<void> {
  const { id, state, details } = payment
  const charge = chargeOf(details)
  if (!charge || !(state === 'created' || isUnknownCharge(payment))) return
  const askedAt = await lastCallEnded(context.db, payment, provider)
  if (askedAt === undefined) return
  const found = await inList(provider, paymentReference(payment), askedAt)
  if (found) {
    // A line of the provider's list may say less than its look-up does.
    const reading = await provider.lookup({ reference: found.reference ?? '', invoice: found.invoice })
    return await heed(context, provider, reading ?? found, 'check')
  }
  if (!(await isSameShop(context.db, provider, charge.keptWith))) return
  context.log.warn({ paymentId: id, provider: provider.name }, 'the list of a provider lacks a charge')
  await context.db.tx(async (tx) => {
    const moved = await movePayment(tx, id, 'cancelled', {
      from: ['created', 'review'],
      set: { failure: 'the list of the provider does not have it' },
    })
    if (moved) await tellNotCharged(tx, moved)
  })
}

/** @returns when the charge was asked for first; undefined = its key may still be known, or its last call under way */
async function lastCallEnded(
  sql: Sql,
  { id }: Payment,
  { supports: { createRepeatableMs } }: PaymentProvider,
): Promise<Date | undefined> {
  const askedAt = q<Date>`(details ->> 'invoiceAskedAt')::timestamptz`
  // By the clock that wrote it. The hour is for a call that began in the key's last second, and for the provider's clock.
  const [row] = await sql.rows(
    moneySql
      .selectFrom('payments')
      .select(askedAt.as('askedAt'))
      .where('id', '=', id)
      .where(q<boolean>`${askedAt} + ${createRepeatableMs + HOUR_MS} * interval '1 millisecond' < now()`),
  )
  return row?.askedAt
}

async function inList(
  provider: PaymentProvider,
  reference: string,
  askedAt: Date,
): Promise<Reading | undefined> {
  const [from, last] = [askedAt.getTime() - HOUR_MS, askedAt.getTime() + provider.supports.createRepeatableMs]
  let found: Reading | undefined
  for await (const reading of provider.listPayments({
    from: new Date(from),
    to: new Date(last + 2 * HOUR_MS),
  }))
    if (reading.reference === reference && found?.state !== 'paid') found = reading
  return found
}

/** The list of another account than the one that was charged says nothing: operators may have changed the keys since. */
async function isSameShop(sql: Sql, provider: PaymentProvider, keptWith: string): Promise<boolean> {
  const invoice = (await readPayment(sql, keptWith))?.providerRef
  return invoice != null && (await provider.lookup({ reference: '', invoice })) !== undefined
}

/** Charges whose provider cannot be asked, or does not know the card any more, become an admin's after two days. */
export async function handUnknownCharges({ db, bots }: Pick<Context, 'db' | 'bots'>): Promise<Verdict> {
  const unknown = await db.rows(
    moneySql
      .selectFrom('payments')
      .select('id')
      .where('state', '=', literal('created'))
      .where(q<boolean>`details ? 'renewal'`)
      .where(q`(details ->> 'invoiceAskedAt')::timestamptz`, '<', ago(DOUBT_HOURS, 'hour'))
      .limit(BATCH),
  )
  for (const { id } of unknown) {
    await db.tx(async (tx) => {
      const payment = await movePayment(tx, id, 'review', { from: ['created'], set: { review: 'charge' } })
      if (payment) await tell(tx, bots, payment)
    })
  }
  return done
}

async function tell(tx: Sql, bots: Context['bots'], payment: Payment): Promise<void> {
  const { id: number, bot, personId, provider, details } = payment
  const sum = { amount: payment.amount, asset: payment.asset }
  const digits = String(details['digits'])
  await oweAdminAlert(tx, toldOf(bots, bot), {
    key: `charge-unknown-${number}`,
    text: 'alert-payment-charge',
    params: { number, provider, person: String(personId), sum, digits },
    buttons: [[['payment-check', 'payment-check', number]], [['payment-story', 'payment', number]]],
  })
  await owePersonNotice(tx, {
    key: `charge-unknown-${number}`,
    bot,
    personId,
    text: 'card-charge-unknown-notice',
    params: { number, sum, digits },
  })
}
