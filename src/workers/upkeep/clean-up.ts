import { sql as q } from 'kysely'
import type { Context } from '#shared/context.ts'
import { OLDEST_UPDATE_HOURS } from '#shared/telegram/too-old.ts'
import { inBatches } from '#shared/queue/batches.ts'
import { done, later } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'

/** Handled updates are kept longer than an old update is accepted; otherwise one could be handled twice. */
const UPDATES_HOURS = OLDEST_UPDATE_HOURS + 24
const DONE_JOBS_DAYS = 7
const ALERTS_DAYS = 30
/**
 * Days for which a payment's update number is kept: people look the number up from logs, which are rarely kept longer,
 * and the payment's story does not need it.
 */
const PAYMENT_UPDATES_DAYS = 30
/** Deleting this many rows takes about 50 ms, even on a slow disk. */
const BATCH = 1_000

/**
 * Deletes in batches, so that no statement holds locks for long. By hand: rows without a key are addressed by their
 * place (`ctid`), which no declared table has. Each has an order: without one, a plan without the values takes a third of
 * the rows for old, and looks for the first thousand through the whole table, of which nothing is old.
 */
export async function deleteOldRows({ db, log }: Pick<Context, 'db' | 'log'>): Promise<Verdict> {
  const batches = [
    q`delete from handled_updates where ctid = any(array(select ctid from handled_updates
        where handled_at < now() - ${UPDATES_HOURS} * interval '1 hour' order by handled_at limit ${BATCH})) returning 1`,
    q`delete from payment_updates where ctid = any(array(select ctid from payment_updates
        where created_at < now() - ${PAYMENT_UPDATES_DAYS} * interval '1 day' order by created_at limit ${BATCH})) returning 1`,
    q`delete from outbox where id = any(array(select id from outbox
        where state = 'done' and updated_at < now() - ${DONE_JOBS_DAYS} * interval '1 day' order by updated_at limit ${BATCH})) returning 1`,
    q`delete from alerts where id = any(array(select id from alerts
        where told_at is not null and created_at < now() - ${ALERTS_DAYS} * interval '1 day' order by created_at limit ${BATCH})) returning 1`,
    // The state stands twice, so that a draft that an admin makes a correction of just now stays.
    q`delete from adjustments where state = 'draft' and id = any(array(select id from adjustments
        where state = 'draft' and created_at < now() - interval '1 day' limit ${BATCH})) returning 1`,
    q`delete from panel_links where ctid = any(array(select ctid from panel_links
        where expires_at < now() order by expires_at limit ${BATCH})) returning 1`,
    q`delete from panel_sessions where ctid = any(array(select ctid from panel_sessions
        where expires_at < now() order by expires_at limit ${BATCH})) returning 1`,
    q`delete from web_sessions where ctid = any(array(select ctid from web_sessions
        where expires_at < now() order by expires_at limit ${BATCH})) returning 1`,
  ]
  for (const batch of batches) {
    const isMore = await inBatches(async () => {
      const { length: deleted } = await db.rows(batch)
      if (deleted > 0) log.info({ deleted }, 'old rows were deleted')
      return deleted === BATCH
    })
    if (isMore) return later(0, 'there are more old rows')
  }
  return done
}
