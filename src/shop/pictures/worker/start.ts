import { sql as q } from 'kysely'
import { picturesSql } from '../tables.ts'
import { explain, Rejected, Transient } from '#shared/errors.ts'
import { keepTaskId, markCalled, markUnknown } from '../attempts.ts'
import { callbackUrl } from '../catalogue.ts'
import { type Picture, readPicture } from '../pictures.ts'
import { moveOrder } from '#shared/money/orders.ts'
import type { PictureProvider, PictureBytes, TaskState } from '../providers/port.ts'
import { watchPicture } from '../jobs.ts'
import { owe } from '#shared/queue/outbox.ts'
import { TokenRevoked } from '#shared/telegram/errors.ts'
import type { Claimed } from './claim.ts'
import { giveUpPicture, putBack, reasonOf, reasonOfPhoto } from './end.ts'
import { deliverPicture } from './deliver.ts'
import { keepIfPossible } from './kept.ts'
import { ACTOR, type Parts } from './parts.ts'
import { readPhotos } from './photos.ts'
import { shorten } from '#shared/storable.ts'

/** How long a picture waits after a start that was not accepted. KIE AI's window for "too many" is 10 s. */
const AGAIN_MS = 5_000

/** A picture that only this process has is sent now. If that fails, the job that finds no picture gives the tokens back. */
const UNKEPT_MS = 60_000

/**
 * Calls the provider for a claimed picture. Every call costs credits, so a call that may have worked is never
 * repeated: the attempt ends as `unknown`, and a callback or the deadline decides.
 */
export async function startTask(parts: Parts, claimed: Claimed): Promise<void> {
  const { app, providers } = parts
  const picture = (await readPicture(app.db, claimed.orderId))!
  const provider = providers.get(picture.provider)
  if (!provider)
    return giveUpPicture(parts, claimed.orderId, 'unavailable', `no provider ${picture.provider}`)
  let photos: PictureBytes[]
  try {
    photos = await readPhotos(app, picture)
  } catch (error) {
    // A bot whose token is being changed says nothing about the photo.
    if (error instanceof Rejected && !(error instanceof TokenRevoked))
      return giveUpPicture(parts, claimed.orderId, reasonOfPhoto(error.code), error.message, claimed.attempt)
    return void (await putBack(parts, claimed, explain(error), AGAIN_MS))
  }
  if (!(await markCalled(app.db, claimed))) return
  let started: { taskId: string; task: TaskState }
  try {
    started = await provider.generate({
      modelId: picture.model,
      prompt: picture.prompt,
      aspect: picture.aspect,
      photos,
      callbackUrl: callbackUrl(app.config, claimed.token),
    })
  } catch (error) {
    return notStarted(parts, picture, provider, claimed, error)
  }
  await keepTask(parts, claimed, provider.name, started)
}

async function notStarted(
  parts: Parts,
  { orderId }: Picture,
  provider: PictureProvider,
  claimed: Claimed,
  error: unknown,
): Promise<void> {
  if (error instanceof Rejected) return giveUpPicture(parts, orderId, reasonOf(error.code), error.message)
  if (error instanceof Transient) {
    return void (await putBack(parts, claimed, error.message, error.retryAfterMs ?? AGAIN_MS))
  }
  parts.app.log.warn(
    { order: orderId, reason: explain(error) },
    'the reply to the start of a picture is lost',
  )
  await markLost(parts, orderId, claimed.attempt, explain(error), provider)
}

/**
 * When nobody will ever tell what became of the call, the tokens go back now. Otherwise the order waits in `unknown`
 * for its callback.
 */
export async function markLost(
  parts: Parts,
  orderId: string,
  attempt: number,
  why: string,
  provider: PictureProvider | undefined,
): Promise<void> {
  const { app } = parts
  if (!provider?.remembersTasks || !callbackUrl(app.config, ''))
    return giveUpPicture(parts, orderId, 'lost', why)
  await app.db.tx(async (tx) => {
    const moved = await moveOrder(tx, orderId, 'unknown', {
      actor: ACTOR,
      reason: shorten(why, 300),
      from: ['fulfilling'],
    })
    if (!moved) return
    await markUnknown(tx, { orderId, attempt })
  })
}

/**
 * Keeps the task's id. From here on any worker can go on, because the id is in the row before anybody looks the task
 * up.
 */
async function keepTask(
  parts: Parts,
  { orderId, attempt }: Claimed,
  provider: string,
  { taskId, task }: { taskId: string; task: TaskState },
): Promise<void> {
  const drawn = task.state === 'ready' ? task.results[0] : undefined
  const bytes = drawn && 'bytes' in drawn ? drawn.bytes : undefined
  const isReady = bytes !== undefined
  const isKept = isReady && (await keepIfPossible(parts.app, orderId, bytes))
  const soonMs = Math.min(1000, parts.times.tick)
  await parts.app.db.tx(async (tx) => {
    await keepTaskId(tx, { orderId, attempt }, provider, taskId)
    await tx.rows(
      picturesSql
        .updateTable('generations')
        .set({ stage: isReady ? 'ready' : 'drawing', ready_at: isReady ? q`clock_timestamp()` : null })
        .where('order_id', '=', orderId)
        .where('stage', '=', 'starting'),
    )
    const watch = { orderId, attempt, why: 'task' as const }
    await owe(tx, watchPicture, watch, { delayMs: isKept ? 0 : isReady ? UNKEPT_MS : soonMs })
  })
  if (!isReady || isKept) return
  const picture = await readPicture(parts.app.db, orderId)
  if (picture?.stage === 'ready') await deliverPicture(parts, picture, bytes)
}
