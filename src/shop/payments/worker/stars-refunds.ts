import { GrammyError } from 'grammy'
import type { Context } from '#shared/context.ts'
import type { Sql } from '#shared/db/db.ts'
import type { Payment } from '#shared/money/tables.ts'
import { post } from '#shared/money/ledger.ts'
import { release, reserve, takeHeld } from '#shared/money/holds.ts'
import { lockedAvailable } from '#shared/money/read.ts'
import { movePayment, notePayment, paymentByRef, readPayment } from '../payments.ts'
import { recordEvent } from '../events.ts'
import { rememberUpdateOf } from './stars.ts'
import { oweAdminAlert, owePersonNotice } from '#shared/notices.ts'
import { done, later } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import type { StarsCharge } from '#shared/queue/jobs/stars.ts'
import { takePlanBack } from '#shop/loyalty/subscriptions/stars.ts'
import { Rejected } from '#shared/errors.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { telegramError } from '#shared/telegram/errors.ts'

const WAIT_FOR_PAYMENT_MS = 5_000

/**
 * An admin's refund. First the tokens that are still there are set aside, so that they cannot be spent meanwhile; then
 * Telegram returns the Stars (repeating that call is safe: it answers CHARGE_ALREADY_REFUNDED); then both are booked.
 */
export async function refundStarsPayment(
  app: Pick<Context, 'db' | 'bots'>,
  paymentId: string,
): Promise<Verdict> {
  const payment = await app.db.tx((tx) => setAside(tx, paymentId))
  if (!payment?.providerRef) return done
  const bot = app.bots.get(payment.bot)
  if (!bot) {
    const reason = `the bot ${payment.bot} was removed, and only it could return them`
    await app.db.tx((tx) => giveBack(tx, app.bots.values(), paymentId, reason))
    return done
  }
  try {
    await bot.api.refundStarPayment(Number(payment.personId), payment.providerRef)
  } catch (error) {
    if (!alreadyRefunded(error)) {
      const meaning = telegramError(error)
      if (!(meaning instanceof Rejected)) throw meaning
      await app.db.tx((tx) => giveBack(tx, [bot], paymentId, meaning.message))
      return done
    }
  }
  await stopAtTelegram(bot, payment)
  await app.db.tx((tx) => bookRefund(tx, paymentId))
  return done
}

/** Whose Stars for a plan go back is not to be charged again next month. Repeating it is safe. */
async function stopAtTelegram(bot: ServedBot, { personId, providerRef, details }: Payment): Promise<void> {
  if (details['plan'] === undefined && (details['repeats'] ?? null) === null) return
  try {
    await bot.api.editUserStarSubscription(Number(personId), providerRef!, true)
  } catch (error) {
    const meaning = telegramError(error)
    // It is over at Telegram already, or never was one.
    if (!(meaning instanceof Rejected)) throw meaning
  }
}

/** `refunded_payment`: somebody returned the Stars without us, or our own refund's echo. */
export async function bookForeignRefund(app: Pick<Context, 'db'>, charge: StarsCharge): Promise<Verdict> {
  return app.db.tx(async (tx) => {
    const payment = await paymentByRef(tx, 'stars', charge.chargeId)
    // The refund overtook its payment: the payment's job is on its way.
    if (!payment) return later(WAIT_FOR_PAYMENT_MS, 'the payment of this refund is not booked yet')
    await recordEvent(tx, {
      provider: 'stars',
      eventId: `refunded-${charge.bot}-${charge.chargeId}`,
      kind: 'refunded',
      payload: charge,
      paymentId: payment.id,
    })
    await setAside(tx, payment.id)
    await bookRefund(tx, payment.id)
    await rememberUpdateOf(tx, charge)
    return done
  })
}

/** Each try has a hold of its own: a released one is over for good. */
const holdOf = (payment: Payment) => `refund-${payment.id}${refusals(payment) ? `-${refusals(payment)}` : ''}`

async function setAside(tx: Sql, paymentId: string): Promise<Payment | undefined> {
  const payment = await readPayment(tx, paymentId, true)
  if (payment?.state !== 'paid') return undefined
  if ((payment.details.refundHold ?? null) === null) {
    const available = await lockedAvailable(tx, payment.personId, payment.creditAsset)
    const amount = available < payment.creditAmount ? available : payment.creditAmount
    if (amount > 0n) {
      const { personId, creditAsset: asset, bot } = payment
      await reserve(tx, { reference: holdOf(payment), personId, asset, amount, bot })
    }
    await notePayment(tx, paymentId, { refundHold: String(amount) })
  }
  return await readPayment(tx, paymentId)
}

/** Telegram said no: the tokens are the person's again, the admins learn why, and a later try starts afresh. */
async function giveBack(
  tx: Sql,
  bots: Iterable<ServedBot>,
  paymentId: string,
  reason: string,
): Promise<void> {
  const payment = await readPayment(tx, paymentId, true)
  if (payment?.state !== 'paid') return
  if (heldFor(payment) > 0n) await release(tx, holdOf(payment), reason)
  const refused = refusals(payment) + 1
  await notePayment(tx, paymentId, { refundHold: null, refundRefused: reason, refundRefusals: refused })
  await oweAdminAlert(tx, bots, {
    key: `refund-refused-${paymentId}-${refused}`,
    text: 'refund-refused',
    params: {
      stars: { amount: payment.amount, asset: 'XTR' },
      person: String(payment.personId),
      reason,
    },
  })
}

/** Stars out of our account, the held tokens back; what was spent already is our loss, by name. */
async function bookRefund(tx: Sql, paymentId: string): Promise<void> {
  const payment = await movePayment(tx, paymentId, 'refunded')
  if (!payment) return
  const held = heldFor(payment)
  if (held > 0n) await takeHeld(tx, holdOf(payment))
  const shortfall = payment.creditAmount - held
  const person = { person: payment.personId }
  await post(tx, {
    reference: `refund-${payment.id}`,
    kind: 'refund',
    bot: payment.bot,
    details: { payment: payment.id, charge: payment.providerRef, shortfall: String(shortfall) },
    entries: [
      { owner: { system: 'provider:stars' }, asset: 'XTR', amount: payment.amount },
      { owner: { system: 'conversion' }, asset: 'XTR', amount: -payment.amount },
      { owner: { system: 'conversion' }, asset: payment.creditAsset, amount: payment.creditAmount },
      ...(held > 0n
        ? [{ owner: person, asset: payment.creditAsset, amount: -held, bucket: 'held' as const }]
        : []),
      ...(shortfall > 0n
        ? [{ owner: { system: 'shortfall' as const }, asset: payment.creditAsset, amount: -shortfall }]
        : []),
    ],
  })
  await takePlanBack(tx, { paymentId, personId: payment.personId, bot: payment.bot, shortfall })
  await owePersonNotice(tx, {
    key: `refunded-${payment.id}`,
    bot: payment.bot,
    personId: payment.personId,
    text: 'refunded-notice',
    params: {
      stars: { amount: payment.amount, asset: 'XTR' },
      taken: { amount: held, asset: payment.creditAsset },
    },
  })
}

/** What setAside could reserve, minor units. */
function heldFor(payment: Payment): bigint {
  const { refundHold } = payment.details as { refundHold?: string | null }
  return BigInt(refundHold ?? 0)
}

function refusals(payment: Payment): number {
  return Number(payment.details.refundRefusals ?? 0)
}

function alreadyRefunded(error: unknown): boolean {
  return error instanceof GrammyError && error.description.includes('CHARGE_ALREADY_REFUNDED')
}
