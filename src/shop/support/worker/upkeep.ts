import { sql as q } from 'kysely'
import { inBatches } from '#shared/queue/batches.ts'
import type { Context } from '#shared/context.ts'
import { handle } from '#shared/queue/executor.ts'
import type { Handler } from '#shared/queue/executor.ts'
import { done } from '#shared/queue/job.ts'
import { ago } from '#shared/db/build.ts'
import { forgetMessages } from '../jobs.ts'
import { supportDays } from '../settings.ts'
import { supportSql } from '../tables.ts'

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
  await inBatches(async () => {
    const old = supportSql
      .selectFrom('support_messages')
      .select('id')
      .where('waits', '=', q.lit(false))
      .where('created_at', '<', ago(days, 'day'))
      .orderBy('created_at')
      .limit(BATCH)
    const deleted = await db.rows(
      supportSql.deleteFrom('support_messages').where('id', 'in', old).returning('id'),
    )
    return deleted.length === BATCH
  })
}
