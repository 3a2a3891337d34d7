import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '#shared/context.ts'
import { databaseIsDown } from '#shared/db/errors.ts'
import { explain, UnknownOutcome } from '#shared/errors.ts'
import { readerAtOnce } from '#shared/reader.ts'
import { shorten } from '#shared/storable.ts'
import { rememberUpdate } from '../events.ts'
import { paymentExpired, readPayment } from '../payments.ts'
import { done, reject } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import type { Run } from '#shared/queue/executor.ts'
import type { TelegramUpdate } from '#shared/queue/jobs/telegram.ts'
import { renewsAtTelegram } from '#shop/loyalty/subscriptions/stars.ts'
import { isStaleCallback, telegramError } from '#shared/telegram/errors.ts'
import { botState, findBot } from '#workers/bot/find-bot.ts'

/** A database that hangs must not use up the 10 s in which Telegram wants its answer. */
const PATIENCE_MS = 4_000
/** The refusal waits this long for the person's language and the bot's own words. */
const WORDS_MS = 500
/** The worker waits this long for the note that says which payment was asked about. */
const NOTE_MS = 500
/** Characters of a refusal's reason that Telegram shows. */
const ERROR_LENGTH = 200
/** The answer is said again for so long when Telegram is not reached; both together are within the 9 s of the job. */
const ANSWERING_MS = 4_000
const AGAIN_MS = 250

/**
 * The last question before the money moves: does the invoice still stand? Telegram cancels the payment when nobody
 * answers within 10 s, so anything uncertain is a no, and nobody is charged.
 */
export async function handleCheckout(
  app: Context,
  job: TelegramUpdate,
  run: Pick<Run, 'sealed'>,
): Promise<Verdict> {
  const verdict = await answerCheckout(app, job, run)
  if (!run.sealed) return verdict
  await Promise.race([note(app, job), sleep(NOTE_MS, undefined, { ref: false })])
  return verdict
}

async function answerCheckout(
  app: Context,
  job: TelegramUpdate,
  { sealed }: Pick<Run, 'sealed'>,
): Promise<Verdict> {
  const query = job.update.pre_checkout_query
  const bot = query && (await findBot(app, job.bot))
  if (!bot) return reject('not a pre-checkout query of one of our bots')
  const problem = await Promise.race([
    // Without our seal nobody has checked that the question comes from Telegram.
    sealed ? invoiceProblem(app, job.bot, query) : ('checkout-later' as const),
    sleep(PATIENCE_MS, 'checkout-later' as const, { ref: false }),
  ])
  // A database that hangs must not take the rest of the time.
  const reader = problem && (await readerAtOnce(app, job.bot, query.from, WORDS_MS))
  const words = reader && shorten(reader.t(problem), ERROR_LENGTH)
  const answer = () =>
    bot.api.answerPreCheckoutQuery(query.id, !words, words ? { error_message: words } : undefined)
  for (const until = performance.now() + ANSWERING_MS; ; await sleep(AGAIN_MS)) {
    try {
      await answer()
      return done
    } catch (error) {
      // The answer came too late, or Telegram heard an earlier one: it has decided already.
      if (isStaleCallback(error)) return done
      if (!(telegramError(error) instanceof UnknownOutcome)) throw error
      if (performance.now() < until) continue
      app.log.warn({ bot: bot.name, reason: explain(error) }, 'Telegram did not hear the answer: it cancels')
      return done
    }
  }
}

/** The note is only for the story of the update: when the database is away, the payment goes on without it. */
async function note({ db }: Context, { bot, update }: TelegramUpdate): Promise<void> {
  try {
    const query = update.pre_checkout_query
    if (!query) return
    const payment = await readPayment(db, query.invoice_payload)
    await rememberUpdate(db, { bot, updateId: update.update_id, paymentId: payment?.id ?? null })
  } catch {
    // The answer is given, and the payment has a story of its own, so a missing note does no harm.
  }
}

/** @returns the text that says why the payment may not go on; undefined when it may */
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
    // A paused or removed bot starts no payment; what Telegram has taken already is credited all the same.
    if (state !== 'active') return 'checkout-closed'
    if (payment.state === 'expired') return 'checkout-expired'
    if (payment.state !== 'created' || payment.details['arrived'] === true) return 'checkout-already-paid'
    if (await paymentExpired(app.db, payment.id)) return 'checkout-expired'
    // The person may have paid for this plan by another link while this one was open: one of another bot, or of an
    // older price.
    const { plan } = payment.details
    if (typeof plan === 'string' && (await renewsAtTelegram(app.db, payment.personId, plan))) {
      return 'checkout-subscribed'
    }
    return undefined
  } catch (error) {
    if (databaseIsDown(error)) return 'checkout-later'
    throw error
  }
}
