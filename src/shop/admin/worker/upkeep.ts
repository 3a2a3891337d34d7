import { done } from '#shared/queue/job.ts'
import type { Context } from '#shared/context.ts'
import { handle } from '#shared/queue/executor.ts'
import type { Handler } from '#shared/queue/executor.ts'
import { adminDigest, adminTellOthers, closeBot, countTotals, findGainsJob } from '../jobs.ts'
import { tellOwners } from './admin-digest.ts'
import { countHours } from '../hours.ts'
import { countDays } from '../totals.ts'
import { tellEndingKeys } from './ending-keys.ts'
import { closeRemovedBot } from './close-bot.ts'
import { tellGains } from './gains.ts'
import { tellMinted } from './minted.ts'
import { tellOthers } from './tell-others.ts'

/** What the upkeep worker does for owners. */
export function adminUpkeep(app: Context): Handler[] {
  return [
    handle(adminDigest, async () => {
      await tellEndingKeys(app)
      return await tellOwners(app)
    }),
    handle(findGainsJob, async () => {
      await tellMinted(app)
      return await tellGains(app)
    }),
    handle(adminTellOthers, () => tellOthers(app)),
    handle(closeBot, (job) => closeRemovedBot(app, job)),
    handle(countTotals, async () => {
      await countDays(app.db)
      await countHours(app.db)
      return done
    }),
  ]
}
