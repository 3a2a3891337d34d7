import { sql as q } from 'kysely'
import { picturesSql } from '../tables.ts'
import { queueSql } from '#shared/queue/tables.ts'
import { ago, anyOf, literal, NOW } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import { explain } from '#shared/errors.ts'
import { attemptsPastDeadline } from '../attempts.ts'
import { creditsAlert } from '../settings.ts'
import { done, type Verdict } from '#shared/queue/job.ts'
import { nextPicture, watchPicture } from '../jobs.ts'
import { owe } from '#shared/queue/outbox.ts'
import { alertAdmins } from './alerts.ts'
import { overdue } from './claim.ts'
import { giveUpPicture } from './end.ts'
import type { Parts } from './parts.ts'

/**
 * Runs every minute: gives up pictures that waited too long, owes jobs to pictures that stand still, and looks at
 * the providers' credits.
 */
export async function lookAfterPictures(parts: Parts): Promise<Verdict> {
  for (const { orderId } of await overdue(parts)) {
    await giveUpPicture(parts, orderId, 'queue', 'waited too long for its start')
  }
  await rouse(parts)
  await checkCredits(parts)
  return done
}

/**
 * Owes jobs to pictures that stand still: their jobs are finished or dead, but their rows are not. The same handlers
 * go on from the row.
 */
async function rouse({ app, times }: Parts): Promise<void> {
  // The pictures of other deployments are on queues that this deployment does not read.
  const own = [...app.bots.keys()]
  const waiting = await app.db.rows(
    picturesSql
      .selectFrom('generations')
      .select(['order_id as orderId', q<string>`to_char(now(), 'YYYYMMDDHH24MI')`.as('minute')])
      .where('stage', '=', literal('queued'))
      .where('queued_at', '<', ago(1, 'minute'))
      .where('bot', '=', anyOf(own))
      .orderBy('queued_at')
      .limit(20),
  )
  if (waiting.length > 0 && !(await isUnderWay(app.db, own))) {
    for (const { orderId, minute } of waiting)
      await owe(app.db, nextPicture, { orderId, why: `roused-${minute}` })
  }
  // The jobs are looked for by their keys. Looking for them by the orders would read every job that was ever done.
  const standing = await attemptsPastDeadline(app.db, times.slowTick * 10)
  const keys = standing.flatMap((one) => WATCHED.map((why) => watchPicture.id({ ...one, why })))
  if (keys.length === 0) return
  const again = await app.db.rows(
    queueSql
      .updateTable('outbox')
      .set({ state: 'owed', run_at: NOW, updated_at: NOW })
      .where('key', '=', anyOf(keys))
      .where('state', 'in', ['done', 'dead'])
      .returning('key'),
  )
  if (again.length > 0) app.db.owed()
}

/** Each state is asked for apart, so that each question uses its own small index. */
async function isUnderWay(sql: Sql, own: string[]): Promise<boolean> {
  const under = (state: 'owed' | 'queued') =>
    queueSql
      .selectFrom('outbox')
      .select('key')
      .where('state', '=', literal(state))
      .where('job', '=', nextPicture.name)
      .where('bot', '=', anyOf(own))
  const [found] = await sql.rows(
    queueSql.selectNoFrom((is) =>
      is.or([is.exists(under('owed')), is.exists(under('queued'))]).as('isUnderWay'),
    ),
  )
  return found!.isUnderWay === true
}

/** The reasons in the keys of the jobs that watch a picture which is being drawn. */
const WATCHED = ['task', 'started'] as const

async function checkCredits({ app, providers }: Parts): Promise<void> {
  const least = await app.settings.get(creditsAlert)
  for (const provider of providers.values()) {
    try {
      const credits = await provider.credits()
      if (credits === undefined) continue
      app.metrics.providerCredits.set({ provider: provider.name }, credits)
      if (credits < least)
        await alertAdmins(app, 'image-alert-credits', { provider: provider.name, credits, least })
    } catch (error) {
      app.log.warn(
        { provider: provider.name, reason: explain(error) },
        'the credits at a picture provider could not be read',
      )
    }
  }
}
