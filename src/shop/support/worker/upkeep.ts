import { sql as q } from 'kysely'
import type { Context } from '#shared/context.ts'
import { handle } from '#shared/queue/executor.ts'
import type { Handler } from '#shared/queue/executor.ts'
import { done } from '#shared/queue/job.ts'
import { forgetMessages } from '../jobs.ts'
import { supportDays } from '../settings.ts'

/** Deleting this many rows takes about 50 ms, even on a slow disk. */
const BATCH = 1_000

/** What the upkeep worker does for support. */
export function supportUpkeep(app: Context): Handler[] {
  return [
    handle(forgetMessages, async () => {
      await forgetOldMessages(app)
      return done
    }),
  ]
}

/** Deletes in batches, so that no statement holds locks for long. A question stays until it is answered or put away. */
export async function forgetOldMessages({ db, settings }: Pick<Context, 'db' | 'settings'>): Promise<void> {
  const days = await settings.get(supportDays)
  for (;;) {
    // By hand: rows of a limited number are addressed by their place (`ctid`), which no declared table has.
    const deleted = await db.rows(q`
      delete from support_messages where ctid = any(array(select ctid from support_messages
        where not waits and created_at < now() - ${days} * interval '1 day' order by created_at limit ${BATCH})) returning 1`)
    if (deleted.length < BATCH) return
  }
}
