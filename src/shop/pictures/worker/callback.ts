import { picturesSql } from '../tables.ts'
import { violatedConstraint } from '#shared/db/errors.ts'
import { attemptByToken, keepCalledTask } from '../attempts.ts'
import { readPicture } from '../pictures.ts'
import { done, type Verdict } from '#shared/queue/job.ts'
import { watchPicture } from '../jobs.ts'
import { owe } from '#shared/queue/outbox.ts'
import { workFor } from '#shared/trace/trace.ts'
import type { Parts } from './parts.ts'
import { shorten } from '#shared/storable.ts'

/**
 * Handles a callback. Its token names the order, so the callback saves a start whose reply was lost. What the
 * callback says about the picture is not believed: the task is looked up.
 */
export async function takeCallback(
  { app }: Parts,
  { token, taskId }: { token: string; taskId: string },
): Promise<Verdict> {
  try {
    await app.db.tx(async (tx) => {
      const attempt = await attemptByToken(tx, token)
      if (!attempt) return
      workFor({ order: attempt.orderId })
      if (attempt.taskId === null) {
        await keepCalledTask(tx, token, taskId)
        await tx.rows(
          picturesSql
            .updateTable('generations')
            .set({ stage: 'drawing' })
            .where('order_id', '=', attempt.orderId)
            .where('stage', '=', 'starting'),
        )
      } else if (attempt.taskId !== taskId) {
        app.log.warn({ order: attempt.orderId }, 'a callback names a task of somebody else: ignored')
        return
      }
      const picture = await readPicture(tx, attempt.orderId)
      // If only the callback has told us the task's id, watching begins here. A task that we know is just looked at
      // now.
      const why = picture?.stage === 'failed' ? 'late' : attempt.taskId === null ? 'task' : 'called'
      await owe(tx, watchPicture, { orderId: attempt.orderId, attempt: attempt.attempt, why })
    })
  } catch (error) {
    if (violatedConstraint(error) !== 'attempts_image_task_unique') throw error
    app.log.warn({ token: shorten(token, 40) }, 'a callback names a task of another order: ignored')
  }
  return done
}
