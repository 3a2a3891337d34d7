import type { Context } from '#shared/context.ts'
import type { Sql } from '#shared/db/db.ts'
import type { Payment } from '#shared/money/tables.ts'
import { idFrom } from '#shared/ids.ts'
import { readBalance } from '#shared/money/read.ts'
import { book } from '../book.ts'
import { createPayment, movePayment, notePayment, paymentByRef, readPayment } from '../payments.ts'
import { recordEvent, rememberUpdate } from '../events.ts'
import { markListed } from '../unlisted.ts'
import { ensurePerson } from '#shared/people.ts'
import { done } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { resumeWaiting } from '#shared/good.ts'
import type { StarsCharge } from '#shared/queue/jobs/stars.ts'
import { starsPerToken } from '#shared/settings/economy.ts'
import { payPlanWithStars } from '#shop/loyalty/subscriptions/stars.ts'
import { owePersonNotice } from '#shared/notices.ts'

/**
 * Stars came. Everything in one transaction: the charge is remembered, the payment is paid, the tokens are credited,
 * the message is owed. The charge id makes it happen once; the invoice may have been paid before, and then this is a
 * payment of its own.
 */
export async function creditStars(
  app: Pick<Context, 'db' | 'settings' | 'goods'>,
  charge: StarsCharge,
): Promise<Verdict> {
  const rate = await app.settings.get(starsPerToken, charge.bot)
  await app.db.tx(async (tx) => {
    await ensurePerson(tx, BigInt(charge.personId), charge.bot)
    const payment = await bookOnce(tx, charge, rate)
    const earlier = payment && (await noteRepetition(tx, payment))
    await rememberUpdateOf(tx, charge)
    // A charge without an update was found in Telegram's list, so the list has it.
    if (charge.updateId === undefined) await markListed(tx, charge.bot, [charge.chargeId])
    if (!payment) return
    const { amount: stars } = payment
    await book(tx, payment, { book: stars, asset: 'XTR', price: stars })
    // The plan is paid in this transaction, before anybody can spend the tokens: the person bought them for the plan.
    const isForPlan = await payPlanWithStars(tx, {
      personId: payment.personId,
      bot: payment.bot,
      amount: payment.creditAmount,
      details: { payment: payment.id, provider: 'stars' },
    })
    if (payment.orderId) await resumeWaiting(tx, app.goods, payment.orderId, payment.id)
    // The message of the plan says what became of the Stars. A balance that is the same before and after would only
    // puzzle.
    if (isForPlan) return
    const wallet = await readBalance(tx, payment.personId, payment.creditAsset)
    await owePersonNotice(tx, {
      key: `paid-${payment.id}`,
      bot: payment.bot,
      personId: payment.personId,
      text: 'paid-notice',
      params: {
        credited: { amount: payment.creditAmount, asset: payment.creditAsset },
        balance: { amount: wallet.available, asset: payment.creditAsset },
        number: payment.id,
        ...(earlier && { earlier: earlier.id }),
      },
      card: cardOf(payment, earlier),
      buttons: [
        ...(payment.orderId ? [] : [[['buy-again', 'buy-again', payment.id]]]),
        [['menu-open', 'menu-below']],
      ],
    })
  })
  return done
}

/**
 * The invoice that this payment pays once more, if it is one: both name each other from now on. A plan's invoice is paid
 * every month.
 */
async function noteRepetition(tx: Sql, { id, personId, details }: Payment): Promise<Payment | undefined> {
  const invoice = details['repeats']
  const earlier = typeof invoice === 'string' ? await readPayment(tx, invoice, true) : undefined
  if (earlier?.personId !== personId || earlier.details['plan'] !== undefined) return undefined
  const others = (earlier.details as { paidAgain?: string[] }).paidAgain ?? []
  await notePayment(tx, earlier.id, { paidAgain: [...others, id] })
  await notePayment(tx, id, { againOf: earlier.id })
  return earlier
}

function cardOf(payment: Payment, earlier: Payment | undefined) {
  if (payment.card) return { ...payment.card, text: 'paid-card', paymentId: payment.id }
  // Both sums of the message are one: an invoice of Telegram's is paid whole.
  return earlier?.card && earlier.creditAmount === payment.creditAmount
    ? { ...earlier.card, text: 'paid-card-again', paymentId: earlier.id }
    : undefined
}

/** @returns undefined when this charge was booked before */
async function bookOnce(tx: Sql, charge: StarsCharge, rate: number): Promise<Payment | undefined> {
  const fresh = await recordEvent(tx, {
    provider: 'stars',
    eventId: `paid-${charge.bot}-${charge.chargeId}`,
    kind: 'paid',
    payload: charge,
  })
  return fresh ? await paymentOf(tx, charge, rate) : undefined
}

/** The statement also remembers an update that came after Telegram's list, or that told of the same charge again. */
export async function rememberUpdateOf(tx: Sql, { bot, updateId, chargeId }: StarsCharge): Promise<void> {
  if (updateId === undefined) return
  const payment = await paymentByRef(tx, 'stars', chargeId)
  await rememberUpdate(tx, { bot, updateId, paymentId: payment?.id ?? null })
}

/**
 * The payment that this charge pays: the invoice's own if it waits, a repetition of it if it was paid before, or a
 * new one at today's rate if nothing is known of the invoice (paid before a restored backup, say).
 */
async function paymentOf(tx: Sql, charge: StarsCharge, rate: number): Promise<Payment | undefined> {
  if (await paymentByRef(tx, 'stars', charge.chargeId)) return undefined
  const invoice = await readPayment(tx, charge.payload, true)
  const sameSum = invoice?.provider === 'stars' && invoice.amount === BigInt(charge.stars)
  if (sameSum && invoice.providerRef === null && invoice.personId === BigInt(charge.personId)) {
    return await movePayment(tx, invoice.id, 'paid', received(charge))
  }
  const id = idFrom('stars', charge.bot, charge.chargeId)
  // Less than one token's worth of Stars is still somebody's money: round up, by less than one token.
  const tokens = sameSum ? invoice.creditAmount : BigInt(Math.max(1, Math.ceil(charge.stars / rate)))
  await createPayment(tx, {
    id,
    personId: BigInt(charge.personId),
    bot: charge.bot,
    provider: 'stars',
    asset: 'XTR',
    amount: BigInt(charge.stars),
    creditAsset: 'TOK',
    creditAmount: tokens,
    details: { repeats: invoice?.id ?? null, payload: charge.payload },
  })
  return await movePayment(tx, id, 'paid', received(charge))
}

function received(charge: StarsCharge) {
  return { providerRef: charge.chargeId, receivedAsset: 'XTR', receivedAmount: String(charge.stars) }
}
