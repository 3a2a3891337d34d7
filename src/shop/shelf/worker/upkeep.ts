import type { Context } from '#shared/context.ts'
import { eachApart } from '#shared/each-apart.ts'
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

/** One look at everything that ends by itself. A part that fails keeps none of the others from their work. */
export const lookAfter = (app: Pick<Context, 'db' | 'bots'>): Promise<void> =>
  eachApart([takeBack, tellLow, lookAfterServices, endGifts, lookAfterAccesses], (part) => part(app))

const takeBack = async ({ db }: Pick<Context, 'db'>): Promise<void> => void (await takeBackExpired(db))

/** What the upkeep worker does for what owners sell of their own. */
export function shelfUpkeep(app: Context): Handler[] {
  return [
    handle(lookAfterShelf, async () => {
      await lookAfter(app)
      return done
    }),
    handle(resumeItem, (job) => resumeAwaitedItem(app, job)),
  ]
}
