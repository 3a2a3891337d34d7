import { audit } from '#shared/audit.ts'
import type { Context } from '#shared/context.ts'
import type { Sql } from '#shared/db/db.ts'
import { checkDecider, decideMoney, readPolicy } from '#shared/money/decisions.ts'
import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { formatAmount } from '#shared/money.ts'
import type { Money } from '#shared/money.ts'
import { readBalance } from '#shared/money/read.ts'
import type { Payment } from '#shared/money/tables.ts'
import { owePersonNotice } from '#shared/notices.ts'
import { owe } from '#shared/queue/outbox.ts'
import { providerName } from '#shared/reader.ts'
import type { Reader } from '#shared/reader.ts'
import { hasPaidPeriod } from '#shop/loyalty/subscriptions/stars.ts'
import { readSubscription } from '#shop/loyalty/subscriptions/subscriptions.ts'
import { renewWithCharge } from '#shop/loyalty/subscriptions/card-renewals.ts'
import { book } from './book.ts'
import { chargeOf, isUnknownCharge, tellNotCharged } from './charges.ts'
import { drawPayment } from './jobs.ts'
import { takeSuspended } from './suspense.ts'
import { payersAddress } from './payers-address.ts'
import { paymentProviders } from './providers/registry.ts'
import { isLost, movePayment, readPayment } from './payments.ts'
import { askRefund, quoteRefund } from './refunds.ts'

/*
 * What an admin does with money that came, in the chat and at the panel. The wish is written down with its audit line;
 * billing carries it out, also when this process dies now.
 */

type App = Pick<Context, 'db' | 'config' | 'settings' | 'bots'>

/** The admin who wants it, and the bot through which they say so. */
interface By {
  bot: string
  by: bigint
}

/** What goes back and what is taken for it, in words; `none` = this vendor gives nothing back. */
export async function refundWords(
  app: App,
  reader: Reader,
  payment: Payment,
): Promise<{
  can: 'stars' | 'address' | 'full' | 'none'
  lines: string[]
  words: Record<string, string> & { back: string }
}> {
  const { t, money } = reader
  const provider = paymentProviders(app.config.payments).get(payment.provider)
  const isStars = payment.provider === 'stars'
  const isOfPlan = isStars && (await hasPaidPeriod(app.db, payment.id))
  const can = isStars ? 'stars' : (provider?.supports.refunds ?? 'none')
  const quote = await quoteRefund(app.db, payment)
  const words = {
    back: money(quote.back.amount, quote.back.asset),
    held: money(quote.held.amount, quote.held.asset),
    shortfall: money(quote.shortfall.amount, quote.shortfall.asset),
    person: String(payment.personId),
    provider: providerName(reader, payment.provider),
  }
  const lines = [t(isOfPlan ? 'payback-stars-plan' : `payback-${can}`, words)]
  if (can !== 'none' && !isOfPlan && quote.shortfall.amount > 0n) lines.push(t('payback-spent', words))
  return { can, lines, words }
}

/**
 * Coins go to the address that the payer gave in the bot, and to no other. `stale` = there is none, or another by now.
 * @throws UserError of `quoteRefund`, `admin.not-found`
 */
export async function giveBack(
  app: App,
  { bot, by, id, address }: By & { id: string; address?: string | undefined },
): Promise<'accepted' | 'second-needed' | 'stale'> {
  const { db, config } = app
  const payment = await readPayment(db, id)
  if (!payment) throw new UserError('admin.not-found')
  const policy = await readPolicy(app, bot)
  const isToAddress = paymentProviders(config.payments).get(payment.provider)?.supports.refunds === 'address'
  // A key that an earlier release has sent leads here as well: without the payer's address there is nowhere to send to.
  if (isToAddress && !address) return 'stale'
  return db.tx(async (tx) => {
    // The payer may have changed the address at this moment.
    if (address && (await payersAddress(tx, id))?.address !== address) return 'stale'
    const { back: money, shortfall } = await quoteRefund(tx, payment)
    // A plan that was paid for ends with the refund, so nothing of it was had for nothing.
    const lost = payment.provider === 'stars' && (await hasPaidPeriod(tx, id)) ? undefined : shortfall
    const outcome = await decideMoney(tx, policy, {
      kind: payment.provider === 'stars' ? 'refund' : 'payback',
      // Another address is another decision, for which the first yes does not count.
      reference: `payback-${id}${address ? `-${address}` : ''}`,
      bot: payment.bot,
      by,
      personId: payment.personId,
      money,
      ...(lost && { lost }),
      find: `/payments ${id}`,
    })
    if (outcome === 'second-needed') return outcome
    await askRefund(tx, { paymentId: id, adminId: by, reason: 'admin', ...(address && { address }) })
    await audit(tx, {
      actor: by,
      action: 'payment.refund',
      target: `payment ${id}`,
      bot,
      details: { address },
    })
    return 'accepted'
  })
}

/**
 * An admin has seen the money in the provider's cabinet, so the promise is kept, once, as if the provider had told of
 * it.
 */
export async function creditReviewed(
  app: App,
  { bot, by, id }: By & { id: string },
): Promise<'credited' | 'second-needed' | 'stale'> {
  const policy = await readPolicy(app, bot)
  return app.db.tx(async (tx) => {
    const payment = await readPayment(tx, id, true)
    if (payment?.state !== 'review' || payment.booked > 0n) return 'stale'
    const decided = await decideMoney(tx, policy, {
      bot: payment.bot,
      by,
      personId: payment.personId,
      find: `/payments ${id}`,
      kind: 'credit',
      reference: `credit-${id}`,
      money: { asset: payment.creditAsset, amount: payment.creditAmount },
    })
    if (decided === 'second-needed') return decided
    // A renewal locks its subscription before the wallet.
    const charge = chargeOf(payment.details)
    if (charge) await readSubscription(tx, charge.renewal.id, true)
    const moved = await movePayment(tx, id, 'paid', {
      from: ['review'],
      receivedAsset: payment.asset,
      receivedAmount: formatAmount(payment.amount, payment.asset),
      set: { credited: true, creditedBy: String(by) },
    })
    if (!moved) return 'stale'
    await book(tx, moved, { book: moved.amount, asset: moved.asset, price: moved.amount }, `${moved.amount}`)
    const { id: number, creditAsset, creditAmount, details } = moved
    const digits = charge && String(details['digits'])
    await tellCredited(tx, moved, { key: `paid-${number}`, digits, asset: creditAsset, amount: creditAmount })
    if (moved.card) await owe(tx, drawPayment, { paymentId: number, round: 'credited' })
    if (charge) await renewWithCharge(tx, charge.renewal)
    await audit(tx, { actor: by, action: 'payment.credit', target: `payment ${id}`, bot, details: {} })
    return 'credited'
  })
}

/** The payer was told that the payment is looked at, or that money waits, so they are told when it is theirs. */
async function tellCredited(
  tx: Sql,
  { id: number, bot, personId }: Payment,
  { key, digits, ...credited }: Money & { key: string; digits?: string | undefined },
): Promise<void> {
  const { asset } = credited
  const { available: amount } = await readBalance(tx, personId, asset)
  const words = { number, credited, balance: { amount, asset } }
  await owePersonNotice(tx, {
    key,
    bot,
    personId,
    ...(digits === undefined
      ? { text: 'paid-notice', params: words }
      : { text: 'card-charged-notice', params: { ...words, digits } }),
    buttons: [[['menu-open', 'menu-below']]],
  })
}

/** An admin may say that nothing came, or that it is another shop's. */
export const mayDisown = (payment: Payment): boolean =>
  payment.state === 'review' && payment.booked === 0n && (isLost(payment) || isUnknownCharge(payment))

/** The key that says so: a charge of ours belongs to no other shop. */
export const disownKey = (payment: Payment) =>
  isUnknownCharge(payment) ? 'payment-not-charged' : 'payment-disown'

/**
 * Closes a lost payment, or a charge of which nobody knew how it ended, without a credit: an admin has not found it at its
 * provider, or it belongs to another shop. The person whom it names may not decide about it.
 * @throws UserError `admin.own-money`, `admin.invited`
 */
export async function disownLost(
  app: Pick<App, 'db'>,
  { bot, by, id }: By & { id: string },
): Promise<boolean> {
  return app.db.tx(async (tx) => {
    const payment = await readPayment(tx, id, true)
    if (!payment || !mayDisown(payment)) return false
    await checkDecider(tx, by, payment.personId)
    await movePayment(tx, id, 'cancelled', { from: ['review'], set: { disownedBy: String(by) } })
    await tellNotCharged(tx, payment)
    const action = isUnknownCharge(payment) ? 'payment.not-charged' : 'payment.disown'
    await audit(tx, { actor: by, action, target: `payment ${id}`, bot, details: {} })
    return true
  })
}

/** What is asked before a credit by hand, in the chat and at the panel. */
export const creditQuestion = (
  reader: Reader,
  { creditAmount, creditAsset, personId, provider }: Payment,
): string =>
  reader.t('payment-credit-ask', {
    credit: reader.money(creditAmount, creditAsset),
    person: String(personId),
    provider: providerName(reader, provider),
  })

/** What is asked before such a payment is closed, in the chat and at the panel. */
export function disownQuestion(reader: Reader, payment: Payment): string {
  const { amount, asset, personId, provider, providerRef, details } = payment
  const words = {
    sum: reader.money(amount, asset),
    person: String(personId),
    provider: providerName(reader, provider),
  }
  return isUnknownCharge(payment)
    ? reader.t('payment-not-charged-ask', { ...words, digits: String(details['digits']) })
    : reader.t('payment-disown-ask', { ...words, invoice: escapeHtml(providerRef ?? '—') })
}

/** An admin gives a person the money that waits for them in suspense. */
export async function giveSuspended(
  app: App,
  { bot, by, id }: By & { id: string },
): Promise<'given' | 'second-needed' | 'nothing'> {
  const policy = await readPolicy(app, bot)
  return app.db.tx(async (tx) => {
    const waiting = await readPayment(tx, id, true)
    if (!waiting?.suspendedAsset || waiting.suspended <= 0n) return 'nothing'
    const decided = await decideMoney(tx, policy, {
      bot: waiting.bot,
      by,
      personId: waiting.personId,
      find: `/payments ${id}`,
      kind: 'suspense',
      reference: `suspense-${id}-${waiting.taken}`,
      money: { asset: waiting.suspendedAsset, amount: waiting.suspended },
    })
    if (decided === 'second-needed') return decided
    const taken = await takeSuspended(tx, id, waiting.personId, `admin:${by}`)
    if (!taken) return 'nothing'
    await tellCredited(tx, waiting, { key: `given-${id}-${waiting.taken}`, ...taken })
    await audit(tx, {
      actor: by,
      action: 'payment.give',
      target: `payment ${id}`,
      bot,
      details: { amount: String(taken.amount), asset: taken.asset },
    })
    return 'given'
  })
}
