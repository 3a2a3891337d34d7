import type { Context } from '#shared/context.ts'
import { Rejected } from '#shared/errors.ts'
import { done, later } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { TokenRevoked, telegramError } from '#shared/telegram/errors.ts'
import type { EndStarsCharges } from '../jobs.ts'
import { readSubscription } from '../subscriptions/subscriptions.ts'

const REVOKED_MS = 600_000

/** Tells Telegram what the row of the subscription says. Said again, it changes nothing. */
export async function endAtTelegram(
  { db, bots, log }: Pick<Context, 'db' | 'bots' | 'log'>,
  { subscriptionId }: EndStarsCharges,
): Promise<Verdict> {
  const subscription = await readSubscription(db, subscriptionId)
  // The person has resumed the renewal meanwhile.
  if (!subscription?.chargeId || subscription.renews) return done
  const bot = bots.get(subscription.bot)
  if (!bot) {
    log.warn(
      { subscription: subscriptionId },
      'only a bot that is not here could end the charges of Telegram',
    )
    return done
  }
  try {
    await bot.api.editUserStarSubscription(Number(subscription.personId), subscription.chargeId, true)
  } catch (error) {
    const meaning = telegramError(error)
    if (meaning instanceof TokenRevoked && !bot.closing) return later(REVOKED_MS, meaning.message)
    // Telegram says that the subscription is over already.
    if (!(meaning instanceof Rejected)) throw meaning
  }
  return done
}
