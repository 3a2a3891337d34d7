import { GrammyError } from 'grammy'
import { sql as q } from 'kysely'
import type { Context } from '#shared/context.ts'
import type { Sql } from '#shared/db/db.ts'
import type { Payment } from '#shared/money/tables.ts'
import { Rejected } from '#shared/errors.ts'
import { done, later } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { starsRefunded } from '#shared/queue/jobs/stars.ts'
import type { StarsCharge } from '#shared/queue/jobs/stars.ts'
import { owe } from '#shared/queue/outbox.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { telegramError } from '#shared/telegram/errors.ts'
import { recordEvent } from '../events.ts'
import { refundPayment } from '../jobs.ts'
import { sharedSql } from '#shared/tables.ts'
import { paymentsSql } from '../tables.ts'
import { isFrozen, paymentByRef, readPayment } from '../payments.ts'
import { readOn } from '../reconcile-stars.ts'
import { openRefund, refundOf } from '../refunds.ts'
import { bookRefund } from './book-refund.ts'
import type { WayBack } from './context.ts'
import { rememberUpdateOf } from './stars.ts'

const WAIT_FOR_PAYMENT_MS = 5_000

/** Telegram gives Stars back through the bot that took them, and its list says whether it has. */
export function starsBack(app: Pick<Context, 'db' | 'bots'>, payment: Payment): WayBack {
  const { bot: name, providerRef } = payment
  const bot = app.bots.get(name)
  if (!bot || !providerRef) {
    const reason = `the bot ${name} was removed, and only it could return them`
    return { give: () => Promise.reject(new Rejected('telegram.refused', reason)) }
  }
  return {
    async give() {
      try {
        await bot.api.refundStarPayment(Number(payment.personId), providerRef)
      } catch (error) {
        // We refunded them before, or somebody else did: the Stars are back either way.
        if (!alreadyRefunded(error)) throw telegramError(error)
      }
      return 'done'
    },
    async wasGiven() {
      try {
        await readOn(app.db, bot)
      } catch (error) {
        throw telegramError(error)
      }
      return await isListed(app.db, payment)
    },
    afterwards: () => stopAtTelegram(bot, payment),
  }
}

/** Whether the refund stands in Telegram's list as far as it was read: each line of it is booked or owed. */
async function isListed(sql: Sql, { bot, personId, providerRef, amount }: Payment): Promise<boolean> {
  const chargeId = providerRef!
  const job = { bot, personId: String(personId), chargeId, stars: Number(amount), payload: '' }
  // By hand: two tables, either of which may know the refund.
  const rows = await sql.rows(q`
    select 1 from payment_events where provider = 'stars' and event_id = ${`refunded-${bot}-${chargeId}`}
    union all select 1 from outbox where key = ${starsRefunded.id(job)}`)
  return rows.length > 0
}

/**
 * Ends the renewal of a plan at Telegram: whoever gets the Stars of a plan back must not be charged again next month.
 * Repeating the call is safe.
 */
async function stopAtTelegram(bot: ServedBot, payment: Payment): Promise<void> {
  if (!isOfPlan(payment)) return
  try {
    await bot.api.editUserStarSubscription(Number(payment.personId), payment.providerRef!, true)
  } catch (error) {
    const meaning = telegramError(error)
    // Telegram says that the subscription is over already, or that there never was one.
    if (!(meaning instanceof Rejected)) throw meaning
  }
}

const isOfPlan = ({ details }: Payment) =>
  details['plan'] !== undefined || (details['repeats'] ?? null) !== null

/** `refunded_payment`: somebody returned the Stars without us, or our own refund's echo. */
export async function bookForeignRefund(app: Pick<Context, 'db'>, charge: StarsCharge): Promise<Verdict> {
  return app.db.tx(async (tx) => {
    const found = await paymentByRef(tx, 'stars', charge.chargeId)
    const payment = found && (await readPayment(tx, found.id, true))
    // The refund overtook its payment: the payment's job is on its way.
    if (!payment) return later(WAIT_FOR_PAYMENT_MS, 'the payment of this refund is not booked yet')
    await recordEvent(tx, {
      provider: 'stars',
      eventId: `refunded-${charge.bot}-${charge.chargeId}`,
      kind: 'refunded',
      payload: charge,
      paymentId: payment.id,
    })
    if (payment.state === 'paid' || isFrozen(payment)) await bookGiven(tx, payment)
    await rememberUpdateOf(tx, charge)
    return done
  })
}

async function bookGiven(tx: Sql, payment: Payment): Promise<void> {
  const asked = await refundOf(tx, payment.id)
  const refund = asked ?? (await openRefund(tx, payment, { reason: 'given back at Telegram' })).refund
  await bookRefund(tx, refund)
  // No other code ends the renewal at Telegram.
  if (!asked && isOfPlan(payment)) await owe(tx, refundPayment, { refundId: refund.id })
}

/**
 * Takes over a job of release 0.1, which may have set the tokens aside and asked Telegram for the Stars. It becomes a
 * refund like all others. If Telegram has refused it since, nothing is left to do.
 */
export async function goOnWithRefund(
  app: Pick<Context, 'db'>,
  job: { paymentId: string; refused?: number | undefined },
): Promise<Verdict> {
  await app.db.tx(async (tx) => {
    const payment = await readPayment(tx, job.paymentId, true)
    if (payment?.state !== 'paid' || (job.refused ?? 0) !== (await refusals(tx, payment))) return
    const refund =
      (await refundOf(tx, payment.id)) ??
      (await openRefund(tx, payment, { adminId: await whoAsked(tx, payment.id), reason: 'admin' })).refund
    await owe(tx, refundPayment, { refundId: refund.id }, { again: true })
  })
  return done
}

async function refusals(tx: Sql, { id, details }: Payment): Promise<number> {
  const [row] = await tx.rows(
    paymentsSql
      .selectFrom('payment_refunds')
      .select(({ fn }) => fn.countAll<bigint>().as('count'))
      .where('payment_id', '=', id)
      .where('state', '=', 'refused')
      .where('hold', 'is', null),
  )
  return Number(details['refundRefusals'] ?? 0) + Number(row!.count)
}

async function whoAsked(tx: Sql, paymentId: string): Promise<bigint | undefined> {
  const [line] = await tx.rows(
    sharedSql
      .selectFrom('audit_log')
      .select('actor_id as actor')
      .where('action', '=', 'refund')
      .where('target', '=', `payment ${paymentId}`)
      .orderBy('id', 'desc')
      .limit(1),
  )
  return line?.actor ?? undefined
}

function alreadyRefunded(error: unknown): boolean {
  return error instanceof GrammyError && error.description.includes('CHARGE_ALREADY_REFUNDED')
}
