import { sql as q } from 'kysely'
import { moneySql } from '#shared/money/tables.ts'
import { ahead, detailsAnd } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import { databaseIsDown } from '#shared/db/errors.ts'
import type { Payment } from '#shared/money/tables.ts'
import { Rejected, Transient, UnknownOutcome, explain } from '#shared/errors.ts'
import type { Language } from '#shared/i18n/languages.ts'
import { descriptionOf, movePayment, readPayment } from '../payments.ts'
import { receiptOf } from '../receipt-email.ts'
import { paymentReference } from '../reference.ts'
import type { Invoice, PaymentProvider } from '../providers/port.ts'
import type { Run } from '#shared/queue/executor.ts'
import { done, type Verdict } from '#shared/queue/job.ts'
import { drawPayment } from '../jobs.ts'
import { owe } from '#shared/queue/outbox.ts'
import type { ProviderContext } from './context.ts'
import { shorten } from '#shared/storable.ts'

const LIFETIME_SECONDS = 3600
/** A person who has waited this long for a link is offered another way to pay. */
const PATIENCE_MS = 60_000

type InvoiceContext = ProviderContext & { returnUrl(bot: string): Promise<string | undefined> }

/**
 * Gets the link to pay. The intent is committed before the call. Where repeating the call is not safe, or not any more, a second run
 * first asks for the invoice that the first run may have made. An invoice that cannot be found was shown to nobody, so
 * nobody should pay it; if somebody does, polling finds the money.
 */
export async function onMakeInvoice(
  context: InvoiceContext,
  job: { paymentId: string },
  run: Pick<Run, 'lastTry'>,
): Promise<Verdict> {
  const payment = await readPayment(context.db, job.paymentId)
  if (payment?.state !== 'created') return done
  const provider = context.payments.get(payment.provider)
  if (!provider) return await fail(context, payment, 'the provider is not set up')
  try {
    return await ask(context, payment, provider)
  } catch (error) {
    // A person waits before this message. After six tries in 16 s another way to pay serves the person better than a
    // provider that may be away for hours. A provider that accepts connections and says nothing takes a minute for one
    // try, and one that asks for patience may ask for a day: no try is used up then. An invoice whose reply was lost is
    // like one that cannot be found.
    if (databaseIsDown(error)) throw error
    const waitMs = (error instanceof Transient && error.retryAfterMs) || 0
    const isOver =
      error instanceof Rejected ||
      (run.lastTry && waitMs === 0) ||
      (await isTooLong(context.db, payment.id, waitMs))
    if (!isOver) throw error
    await fail(context, payment, explain(error))
    const isNamed = [Rejected, Transient, UnknownOutcome].some((kind) => error instanceof kind)
    if (isNamed) return done
    // Nobody has foreseen this one: operators find it among the dead letters.
    throw error
  }
}

/** Whether a person who waits for this much longer has waited too long, by the database's clock. */
async function isTooLong(sql: Sql, id: string, waitMs: number): Promise<boolean> {
  const rows = await sql.rows(
    moneySql
      .selectFrom('payments')
      .select('id')
      .where('id', '=', id)
      .where('created_at', '<', ahead(waitMs - PATIENCE_MS, 'millisecond')),
  )
  return rows.length > 0
}

async function ask(context: InvoiceContext, payment: Payment, provider: PaymentProvider): Promise<Verdict> {
  const { createRepeatableMs } = provider.supports
  if (!(await mayAsk(context.db, payment.id, createRepeatableMs)))
    return await adopt(context, payment, provider)
  try {
    const returnUrl = await context.returnUrl(payment.bot)
    const invoice = await provider.createInvoice({
      reference: paymentReference(payment),
      amount: { asset: payment.asset, amount: payment.amount },
      description: descriptionOf(payment),
      lifetimeSeconds: LIFETIME_SECONDS,
      language: (payment.details['language'] as Language | undefined) ?? 'ru',
      ...(returnUrl && { returnUrl }),
      ...(payment.details['keepCard'] === true && { keepCard: true }),
      ...(await receiptOf(context.db, provider, payment)),
    })
    await keep(context, payment, invoice)
    return done
  } catch (error) {
    if (error instanceof Rejected) return await fail(context, payment, explain(error))
    if (error instanceof Transient) {
      // The provider surely made no invoice, so the next run may ask again.
      await context.db.rows(
        moneySql
          .updateTable('payments')
          .set({ details: q`details - 'invoiceAskedAt'` })
          .where('id', '=', payment.id),
      )
      throw error
    }
    if (error instanceof UnknownOutcome && createRepeatableMs === 0) {
      return await adopt(context, payment, provider)
    }
    throw error
  }
}

/**
 * Writes down that the provider is asked. The first try counts: from then on the provider remembers the reference.
 * @returns false when asking again may make a second invoice, by the clock that wrote the first try down: a worker whose
 * own clock is late would ask
 */
async function mayAsk(sql: Sql, id: string, repeatableMs: number): Promise<boolean> {
  const asking = moneySql
    .updateTable('payments')
    .set({
      details: q`jsonb_build_object('invoiceAskedAt', now()) || details`,
      next_check_at: ahead(1, 'minute'),
    })
    .where('id', '=', id)
    .returning('id')
  const isKnown = q<boolean>`coalesce((details ->> 'invoiceAskedAt')::timestamptz
    + ${repeatableMs} * interval '1 millisecond' > now(), true)`
  const asked = await sql.rows(Number.isFinite(repeatableMs) ? asking.where(isKnown) : asking)
  return asked.length > 0
}

async function adopt(
  context: ProviderContext,
  payment: Payment,
  provider: PaymentProvider,
): Promise<Verdict> {
  const found = await provider.lookup({ reference: paymentReference(payment) })
  if (!found?.payUrl) return await fail(context, payment, 'the link was lost on its way')
  await keep(context, payment, {
    invoice: found.invoice,
    payUrl: found.payUrl,
    expiresAt: undefined,
    asked: found.asked,
    state: found.state,
  })
  return done
}

async function keep(context: ProviderContext, payment: Payment, invoice: Invoice): Promise<void> {
  const { asked } = invoice
  const other = asked && (asked.asset !== payment.asset || asked.amount !== payment.amount)
  if (other) return void (await fail(context, payment, 'the provider asks for another sum', invoice.invoice))
  await context.db.tx(async (tx) => {
    await movePayment(tx, payment.id, 'pending', {
      from: ['created'],
      providerRef: invoice.invoice,
      set: { payUrl: invoice.payUrl },
    })
    // The money may have come before this reply, so the details that are missing are written in whatever state it is now.
    await tx.rows(
      moneySql
        .updateTable('payments')
        .set((are) => ({
          provider_ref: are.fn.coalesce('provider_ref', are.val(invoice.invoice)),
          expires_at: invoice.expiresAt ?? ahead(LIFETIME_SECONDS, 'second'),
          details: detailsAnd({ payUrl: invoice.payUrl }),
          next_check_at: ahead(15, 'second'),
        }))
        .where('id', '=', payment.id),
    )
    await owe(tx, drawPayment, { paymentId: payment.id, round: 'invoice' })
  })
}

async function fail(
  context: ProviderContext,
  payment: Payment,
  reason: string,
  invoice?: string,
): Promise<Verdict> {
  context.log.warn(
    { paymentId: payment.id, provider: payment.provider, reason },
    'a payment got no invoice from its provider',
  )
  await context.db.tx(async (tx) => {
    await movePayment(tx, payment.id, 'failed', {
      from: ['created'],
      ...(invoice && { providerRef: invoice }),
      set: { failure: shorten(reason, 300) },
    })
    await owe(tx, drawPayment, { paymentId: payment.id, round: 'failed' })
  })
  return done
}
