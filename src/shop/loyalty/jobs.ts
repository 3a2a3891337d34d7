import { z } from 'zod'
import { defineJob, defineTick } from '#shared/queue/job.ts'

/** Gives XP, rewards and bonuses for what moved in the ledger since the last run. */
export const followLedgerJob = defineTick('upkeep.follow-ledger', 3_000)
/** Pays the rewards of inviters whose hold is over. */
export const payReferrals = defineTick('upkeep.pay-referrals', 60_000)
/** Renews, reminds of and ends subscriptions. */
export const renewSubscriptions = defineTick('upkeep.renew-subscriptions', 60_000)
/** Writes down who stands at every 5,000th place of the leaderboard, a part of it each time. */
export const markPlacesJob = defineTick('upkeep.mark-places', 60_000)

const stop = z.object({
  subscriptionId: z.string(),
  /** The period at whose end Telegram would charge. */
  period: z.number().int(),
  /** The bot to which Telegram pays: a removed bot is closed only after this. */
  bot: z.string(),
})
export type EndStarsCharges = z.infer<typeof stop>

/** Tells Telegram not to charge for a plan any more. Owed by whoever ends a renewal that the person has not ended. */
export const endStarsCharges = defineJob<EndStarsCharges>({
  name: 'subscription.stop',
  queue: 'upkeep',
  payload: stop,
  id: (job) => `subscription-stop-${job.subscriptionId}-${job.period}`,
  // With the back-off these tries last over two hours.
  attempts: 30,
  backoffMs: 500,
})

const resume = z.object({
  orderId: z.string(),
  /** The id of the payment that brought the money, or `balance-<time>` where the money names no order. */
  paymentId: z.string(),
})
export type ResumePlan = z.infer<typeof resume>

/** Money came for a plan that waits for it: its period begins if the balance is enough now. */
export const resumePlan = defineJob<ResumePlan>({
  name: 'subscription.resume',
  queue: 'upkeep',
  payload: resume,
  id: (job) => `subscription-resume-${job.orderId}-${job.paymentId}`,
  attempts: 8,
  backoffMs: 1_000,
})
