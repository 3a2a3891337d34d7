import type { Context } from '#shared/context.ts'
import { done } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import type { StarsCharge } from '#shared/queue/jobs/stars.ts'
import { readerOf } from '#shared/reader.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import {
  TokenRevoked,
  Unreachable,
  cannotBeEdited,
  isNotModified,
  telegramError,
} from '#shared/telegram/errors.ts'
import { markArrived, readPayment } from '../payments.ts'
import type { Payment } from '#shared/money/tables.ts'

/**
 * Stars came, and billing will credit them: in milliseconds, or in minutes while billing is being deployed. Until then
 * the person reads that the payment has arrived, and nobody can pay the same invoice again.
 */
export async function noteArrival(app: Context, charge: StarsCharge): Promise<Verdict> {
  const payment = await markArrived(app.db, charge.payload, charge.bot)
  const bot = app.bots.get(charge.bot)
  if (!payment?.card || !bot) return done
  await edit(app, bot, payment, 'paid-arrived')
  // Billing may have credited the payment in between: then the card says that, and not that the payment has arrived.
  const now = await readPayment(app.db, payment.id)
  if (now?.card && now.state !== payment.state) await edit(app, bot, now, 'paid-card')
  return done
}

async function edit(app: Context, bot: ServedBot, payment: Payment, text: 'paid-arrived' | 'paid-card') {
  const { t, money } = await readerOf(app, payment.bot, payment.personId)
  const words = t(text, {
    stars: money(payment.amount, payment.asset),
    credited: money(payment.creditAmount, payment.creditAsset),
    number: payment.id,
  })
  const { chatId, messageId } = payment.card!
  try {
    await bot.notices.editMessageText(chatId, messageId, words, { parse_mode: 'HTML' })
  } catch (error) {
    if (isNotModified(error) || cannotBeEdited(error)) return
    const meaning = telegramError(error)
    if (!(meaning instanceof Unreachable || meaning instanceof TokenRevoked)) throw meaning
  }
}
