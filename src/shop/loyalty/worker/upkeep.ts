import type { Context } from '#shared/context.ts'
import { addCountsUp } from '#shared/kept-counts.ts'
import { handle } from '#shared/queue/executor.ts'
import type { Handler } from '#shared/queue/executor.ts'
import { done } from '#shared/queue/job.ts'
import {
  followLedgerJob,
  markPlacesJob,
  payReferrals,
  renewSubscriptions,
  resumePlan,
  endStarsCharges,
} from '../jobs.ts'
import { markPlaces } from '../levels/places.ts'
import { addInvitationsUp } from '../referrals/report.ts'
import { payDueRewards } from '../referrals/rewards.ts'
import { renewDue } from '../subscriptions/renew.ts'
import { cardsOf } from './card-pays.ts'
import { followLedger } from './follow-ledger.ts'
import { resumeAwaitedPlan } from './resume-plan.ts'
import { endAtTelegram } from './end-charges.ts'

/** What the upkeep worker does for XP, invitations and plans. */
export function loyaltyUpkeep(app: Context): Handler[] {
  const cards = cardsOf(app)
  return [
    handle(followLedgerJob, () => followLedger(app)),
    handle(markPlacesJob, async () => {
      await markPlaces(app.db)
      return done
    }),
    handle(payReferrals, async () => {
      await payDueRewards(app.db)
      await addInvitationsUp(app.db)
      await addCountsUp(app.db)
      return done
    }),
    handle(renewSubscriptions, async () => {
      await renewDue(app.db, cards)
      return done
    }),
    handle(resumePlan, (job) => resumeAwaitedPlan(app, job)),
    handle(endStarsCharges, (job) => endAtTelegram(app, job)),
  ]
}
