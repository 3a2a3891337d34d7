import { sql as q } from 'kysely'
import { picturesSql } from '../tables.ts'
import { explain, Rejected, Transient } from '#shared/errors.ts'
import { type PictureAttempt, readAttempt } from '../attempts.ts'
import { type Picture, readPicture } from '../pictures.ts'
import type { PictureProvider, PictureBytes, TaskState } from '../providers/port.ts'
import { done, later, type Verdict } from '#shared/queue/job.ts'
import type { PictureWatch } from '../jobs.ts'
import { deliverPicture, deliverLate } from './deliver.ts'
import { giveUpPicture, putBack, reasonOf } from './end.ts'
import type { Parts } from './parts.ts'
import { showProgress } from './show.ts'
import { markLost } from './start.ts'

/** Takes one step with a picture: looks how far it is, does what comes next, and says when to come again. */
export async function stepPicture(parts: Parts, job: PictureWatch): Promise<Verdict> {
  const picture = await readPicture(parts.app.db, job.orderId)
  if (!picture) return done
  const provider = parts.providers.get(picture.provider)
  const attempt = await readAttempt(parts.app.db, job)
  if (!attempt) return done
  const { taskId } = attempt
  if (job.why === 'started') return await watchStart(parts, attempt, picture, provider)
  if (job.why === 'late') return await watchLate(parts, picture, provider, taskId)
  if (picture.state !== 'fulfilling' && picture.state !== 'unknown') return done
  if (picture.stage === 'ready') return await deliverPicture(parts, picture)
  if (isOver(picture)) return await timeIsUp(parts, picture, provider, taskId)
  if (!provider || taskId === undefined) {
    await giveUpPicture(parts, job.orderId, 'unavailable', `provider ${picture.provider} is not set up`)
    return done
  }

  const task = await lookup(provider, taskId)
  if (task instanceof Transient) return later(task.retryAfterMs ?? tick(parts, picture), explain(task))
  if (task.state === 'failed') {
    await giveUpPicture(parts, job.orderId, reasonOf(task.reason), task.message)
    return done
  }
  if (task.state === 'ready') return await deliverFresh(parts, job.orderId, task.results[0]!)
  if (job.why === 'called') return done
  await showProgress(parts, picture, task)
  return later(tick(parts, picture), task.state)
}

/** Nothing is known of this start: its process died, or its reply was lost. */
async function watchStart(
  parts: Parts,
  attempt: PictureAttempt,
  picture: Picture,
  provider: PictureProvider | undefined,
): Promise<Verdict> {
  const { orderId, state } = picture
  if (attempt.taskId !== undefined || !attempt.isLast) return done
  if (state !== 'fulfilling' && state !== 'unknown') return done
  if (!attempt.called) {
    const uncalled = { orderId, attempt: attempt.number, isUncalled: true }
    if (await putBack(parts, uncalled, 'its process ended before the provider was asked', 0)) return done
    return later(parts.times.lost, 'its process asks the provider at this very moment')
  }
  if (state === 'fulfilling') {
    await markLost(parts, orderId, attempt.number, 'its start was cut off', provider)
    await showProgress(parts, picture, { state: 'drawing' })
  }
  if (isOver(picture)) {
    await giveUpPicture(parts, orderId, 'lost', 'neither a reply nor a callback')
    return done
  }
  const restMs = (picture.deadlineAt?.getTime() ?? 0) - Date.now()
  return later(Math.min(30_000, Math.max(500, restMs)), 'the reply is lost, the callback may come')
}

/**
 * The last look before giving up: a picture that is ready now, or that a callback brought meanwhile, is delivered as
 * usual.
 */
async function timeIsUp(
  parts: Parts,
  picture: Picture,
  provider: PictureProvider | undefined,
  taskId: string | undefined,
): Promise<Verdict> {
  const task = provider && taskId !== undefined ? await lookup(provider, taskId) : undefined
  if (task && !(task instanceof Transient) && task.state === 'ready') {
    return await deliverFresh(parts, picture.orderId, task.results[0]!)
  }
  await giveUpPicture(parts, picture.orderId, 'timeout', 'not finished in time')
  const now = await readPicture(parts.app.db, picture.orderId)
  return now?.stage === 'ready' ? await deliverPicture(parts, now) : done
}

/** The tokens went back already: a picture that comes after this is a present. */
async function watchLate(
  parts: Parts,
  picture: Picture,
  provider: PictureProvider | undefined,
  taskId: string | undefined,
): Promise<Verdict> {
  const { times } = parts
  const age = Date.now() - (picture.finishedAt?.getTime() ?? 0)
  if (picture.stage !== 'failed' || !provider || taskId === undefined || age > times.lateFor) return done
  const task = await lookup(provider, taskId)
  if (task instanceof Transient) return later(times.late, explain(task))
  if (task.state === 'failed') return done
  if (task.state !== 'ready') return later(times.late, task.state)
  return await deliverLate(parts, picture, task.results[0]!)
}

async function lookup(provider: PictureProvider, taskId: string): Promise<TaskState | Transient> {
  try {
    return await provider.lookup(taskId)
  } catch (error) {
    if (error instanceof Transient) return error
    // The provider does not know the task (yet), so the job comes again until the deadline.
    if (error instanceof Rejected) return new Transient(error.message, { cause: error })
    throw error
  }
}

/** Stores where the picture is before anything is done with it. */
async function deliverFresh(
  parts: Parts,
  orderId: string,
  result: { url: string } | PictureBytes,
): Promise<Verdict> {
  const url = 'url' in result ? result.url : null
  await parts.app.db.rows(
    picturesSql
      .updateTable('generations')
      .set({ stage: 'ready', ready_at: q`clock_timestamp()`, result_url: url })
      .where('order_id', '=', orderId)
      .where('stage', 'in', ['starting', 'drawing']),
  )
  const ready = await readPicture(parts.app.db, orderId)
  if (ready?.stage !== 'ready') return done
  return await deliverPicture(parts, ready, 'bytes' in result ? result.bytes : undefined)
}

const isOver = ({ deadlineAt }: Picture) => deadlineAt !== null && deadlineAt.getTime() < Date.now()

const MINUTE_MS = 60_000

function tick({ times }: Parts, { startedAt }: Picture): number {
  return startedAt && Date.now() - startedAt.getTime() > MINUTE_MS ? times.slowTick : times.tick
}
