import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import { databaseIsDown } from '#shared/db/errors.ts'
import { explain, Transient, UnknownOutcome } from '#shared/errors.ts'
import { moneySql } from '#shared/money/tables.ts'
import type { Payment } from '#shared/money/tables.ts'
import { operatorsOf, oweAdminAlert } from '#shared/notices.ts'
import { bookedUnder } from '../book.ts'
import { recordEvent } from '../events.ts'
import { paymentByRef, readPayment } from '../payments.ts'
import { readReference } from '../reference.ts'
import type { PaymentProvider, Reading } from '../providers/port.ts'
import { done, reject, type Verdict } from '#shared/queue/job.ts'
import { heed } from './heed.ts'
import type { ProviderContext } from './context.ts'

/** Yesterday, today and a day of margin: a payment that was made just before midnight is compared twice. */
const DAYS_BACK = 3

interface Difference {
  /** Paid at the provider and not here: this comparison credited them. */
  healed: string[]
  /** Paid at the provider, and we know of nobody who has paid. */
  orphans: string[]
  /** Credited here, and the provider says that they are not paid, or does not know them. */
  missing: string[]
}

/**
 * Compares a provider's own list with our payments. A payment that only the provider has goes through the same code as
 * a webhook. A payment that only we have is never taken back by a machine: the admins are told.
 */
export async function onCompare(
  context: ProviderContext,
  job: { provider: string; day: string },
): Promise<Verdict> {
  const provider = context.payments.get(job.provider)
  if (!provider) return reject(`the provider ${job.provider} is not set up in this process`)
  const to = new Date(Date.parse(`${job.day}T00:00:00Z`) + 86_400_000)
  const from = new Date(to.getTime() - DAYS_BACK * 86_400_000)
  const difference: Difference = { healed: [], orphans: [], missing: [] }
  const theirs = new Map<string, Reading>()
  const failures: unknown[] = []
  for await (const reading of provider.listPayments({ from, to })) {
    theirs.set(reading.invoice, reading)
    if (!isMoney(reading)) continue
    try {
      await bringHome(context, provider, reading, difference)
    } catch (error) {
      // The job asks again when a server is away. A payment that cannot be booked must not hide the other payments.
      const isAway = error instanceof Transient || error instanceof UnknownOutcome || databaseIsDown(error)
      if (isAway) throw error
      failures.push(error)
    }
  }
  difference.missing = await onlyHere(context.db, provider.name, { from, to }, theirs)
  await report(context, job, theirs.size, difference)
  if (failures.length > 0) {
    const first = explain(failures[0])
    throw new AggregateError(failures, `${failures.length} payments cannot be booked, the first: ${first}`)
  }
  return done
}

const CREDITED = ['paid', 'overpaid', 'underpaid'] as const

const isMoney = ({ state }: Reading) => CREDITED.some((one) => one === state)

async function bringHome(
  context: ProviderContext,
  provider: PaymentProvider,
  listed: Reading,
  difference: Difference,
): Promise<void> {
  const ours = readReference(listed.reference)
  const find = () =>
    ours ? readPayment(context.db, ours.id) : paymentByRef(context.db, provider.name, listed.invoice)
  const booked = async (payment: Payment | undefined) =>
    payment ? await bookedOf(context.db, payment, listed.invoice) : 0n
  const before = await booked(await find())
  if (before >= (listed.received?.amount ?? 1n)) return
  // A line of the provider's list may say less than its look-up does.
  const reading = await provider.lookup({ reference: listed.reference ?? '', invoice: listed.invoice })
  if (!reading || !isMoney(reading)) return
  await heed(context, provider, reading, 'compare')
  const after = await find()
  if (after && (await booked(after)) > before) difference.healed.push(after.id)
  if (!after && !reading.deposit) difference.orphans.push(reading.invoice)
}

/** What is booked of one invoice: a payment's own one, or a second one under the same reference. */
async function bookedOf(sql: Sql, payment: Payment, invoice: string): Promise<bigint> {
  const isOwn = payment.providerRef === null || payment.providerRef === invoice
  return isOwn ? payment.booked : ((await bookedUnder(sql, payment, invoice))?.amount ?? 0n)
}

async function onlyHere(
  sql: Sql,
  provider: string,
  period: { from: Date; to: Date },
  theirs: ReadonlyMap<string, Reading>,
): Promise<string[]> {
  const booked = await sql.rows(
    moneySql
      .selectFrom('payments')
      .select(['id', 'provider_ref as ref'])
      .where('provider', '=', provider)
      .where('booked', '>', 0n)
      .where('state', 'in', [...CREDITED])
      .where(q`details->>'deposit'`, 'is', null)
      .where('created_at', '>=', period.from)
      .where('created_at', '<=', period.to),
  )
  return booked
    .filter(({ ref }) => {
      const there = theirs.get(ref ?? '')
      return !there || ['pending', 'expired', 'cancelled', 'failed'].includes(there.state)
    })
    .map(({ id }) => id)
}

async function report(
  context: ProviderContext,
  job: { provider: string; day: string },
  compared: number,
  difference: Difference,
): Promise<void> {
  const equal = Object.values(difference).every((list) => list.length === 0)
  // When neither side had a payment, the log says so at level debug only.
  const level = compared === 0 && equal ? 'debug' : 'info'
  context.log[level](
    { ...job, compared, ...difference },
    'the payments of some days were compared with those of their provider',
  )
  await context.db.tx(async (tx) => {
    await recordEvent(tx, {
      provider: job.provider,
      eventId: `compared-${job.day}`,
      kind: 'compared',
      payload: { compared, ...difference },
    })
    if (equal) return
    const few = (ids: readonly string[]) => ids.slice(0, 5).join(', ') || '—'
    await oweAdminAlert(tx, operatorsOf(context.bots), {
      key: `compared-${job.provider}-${job.day}`,
      text: 'alert-payment-compared',
      params: {
        provider: job.provider,
        compared,
        healed: few(difference.healed),
        orphans: few(difference.orphans),
        missing: few(difference.missing),
      },
    })
  })
}
