import type { Context } from '#shared/context.ts'
import { handle } from '#shared/queue/executor.ts'
import type { Handler } from '#shared/queue/executor.ts'
import { done } from '#shared/queue/job.ts'
import { lookAfterShelf, resumeItem } from '../jobs.ts'
import { endGifts } from '../giving.ts'
import { takeBackExpired } from '../lines.ts'
import { resumeAwaitedItem } from './resume-item.ts'
import { lookAfterAccesses } from './accesses.ts'
import { lookAfterServices } from './services.ts'
import { tellLow } from './low.ts'

/** What the upkeep worker does for what owners sell of their own. */
export function shelfUpkeep(app: Context): Handler[] {
  return [
    handle(lookAfterShelf, async () => {
      await takeBackExpired(app.db)
      await tellLow(app)
      await lookAfterServices(app)
      await endGifts(app)
      await lookAfterAccesses(app)
      return done
    }),
    handle(resumeItem, (job) => resumeAwaitedItem(app, job)),
  ]
}
