/*
 * consumes     upkeep
 * produces     through the outbox: whatever stands still for too long
 * writes       outbox, payments and orders that expired; deletes what is kept for a time only
 * idempotent   every task may run at any time and any number of times
 * on retry     the next tick is the retry
 */
import { handle } from '../../shared/queue/executor.ts'
import {
  cleanUp,
  compareDaily,
  expire,
  pollPayments,
  proveLedger,
  reconcileStars,
  adminDigest,
  closeBot,
} from '../../shared/queue/jobs/upkeep.ts'
import { followLedgerJob, payReferrals, renewSubscriptions } from '../../shared/queue/jobs/progress.ts'
import { done } from '../../shared/queue/job.ts'
import { payDueRewards } from '../../shared/referrals/rewards.ts'
import { renewDue } from '../../shared/subscriptions/renew.ts'
import type { WorkerType } from '../../shared/worker.ts'
import { tellOwners } from './admin-digest.ts'
import { deleteOldRows } from './clean-up.ts'
import { closeRemovedBot } from './close-bot.ts'
import { followLedger } from './follow-ledger.ts'
import { expireUnpaid } from './expire.ts'
import { proveAndTell } from './prove-ledger.ts'
import { compareDaily as comparePaymentsDaily, pollPayments as pollDuePayments } from './poll-payments.ts'
import { findLostStars } from './reconcile-stars.ts'
import { startTicking } from './schedule.ts'

export const upkeep: WorkerType = {
  name: 'upkeep',
  queues: ['upkeep'],
  poolSize: 5,
  async start(app) {
    const ticking = startTicking(app)
    return {
      handlers: [
        handle(adminDigest, () => tellOwners(app)),
        handle(proveLedger, () => proveAndTell(app)),
        handle(reconcileStars, () => findLostStars(app)),
        handle(expire, () => expireUnpaid(app)),
        handle(pollPayments, () => pollDuePayments(app)),
        handle(compareDaily, () => comparePaymentsDaily(app)),
        handle(followLedgerJob, () => followLedger(app)),
        handle(payReferrals, async () => {
          await payDueRewards(app.db)
          return done
        }),
        handle(renewSubscriptions, async () => {
          await renewDue(app.db)
          return done
        }),
        handle(closeBot, (job) => closeRemovedBot(app, job)),
        handle(cleanUp, () => deleteOldRows(app)),
      ],
      stop: async () => ticking.stop(),
    }
  },
}
