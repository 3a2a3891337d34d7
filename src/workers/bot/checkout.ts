import { setTimeout as sleep } from 'node:timers/promises'
import { sql as q } from 'kysely'
import type { Context } from '../../shared/context.ts'
import { databaseIsDown } from '../../shared/db/db.ts'
import { languageOf } from '../../shared/i18n/texts.ts'
import { paymentExpired, readPayment } from '../../shared/payments/payments.ts'
import { done, reject } from '../../shared/queue/job.ts'
import type { Verdict } from '../../shared/queue/job.ts'
import type { TelegramUpdate } from '../../shared/queue/jobs/telegram.ts'
import { isStaleCallback } from '../../shared/telegram/errors.ts'
import { findBot } from './find-bot.ts'

/** A database that hangs must not use up the 10 s in which Telegram wants its answer. */
const PATIENCE_MS = 4_000

/**
 * The last question before the money moves: does the invoice still stand? Telegram cancels the payment when nobody
 * answers within 10 s, so anything uncertain is a no, and nobody is charged.
 */
export async function handleCheckout(app: Context, job: TelegramUpdate): Promise<Verdict> {
  const query = job.update.pre_checkout_query
  const bot = query && (await findBot(app, job.bot))
  if (!bot) return reject('not a pre-checkout query of one of our bots')
  const problem = await Promise.race([
    invoiceProblem(app, job.bot, query),
    sleep(PATIENCE_MS, 'checkout-later' as const, { ref: false }),
  ])
  const words = problem && app.texts.t(languageOf(query.from.language_code), problem)
  try {
    await bot.api.answerPreCheckoutQuery(query.id, !words, words ? { error_message: words } : undefined)
  } catch (error) {
    // Too late: Telegram has cancelled the payment already.
    if (!isStaleCallback(error)) throw error
  }
  return done
}

/** @returns the text that says why not, undefined when the payment may go on */
async function invoiceProblem(
  app: Context,
  bot: string,
  query: NonNullable<TelegramUpdate['update']['pre_checkout_query']>,
): Promise<string | undefined> {
  try {
    const [payment, state] = await Promise.all([
      readPayment(app.db, query.invoice_payload),
      botState(app, bot),
    ])
    const ours =
      payment?.provider === 'stars' &&
      payment.bot === bot &&
      payment.personId === BigInt(query.from.id) &&
      query.currency === 'XTR' &&
      payment.amount === BigInt(query.total_amount)
    if (!ours) return 'checkout-unknown'
    if (state !== 'active') return 'checkout-closed'
    if (payment.state === 'expired') return 'checkout-expired'
    if (payment.state !== 'created') return 'checkout-already-paid'
    if (await paymentExpired(app.db, payment.id)) return 'checkout-expired'
    return undefined
  } catch (error) {
    if (databaseIsDown(error)) return 'checkout-later'
    throw error
  }
}

/** A paused or removed bot starts no payment; what Telegram has taken already is credited all the same. */
async function botState(app: Context, bot: string): Promise<string | undefined> {
  const [row] = await app.db.rows(q<{ state: string }>`select state from bots where name = ${bot}`)
  return row?.state
}
