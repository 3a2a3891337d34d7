import pLimit from 'p-limit'
import type { Context } from '#shared/context.ts'
import { watched } from '#shared/measured.ts'
import { pictureProviders } from '../catalogue.ts'
import { picturesPaused } from '../settings.ts'
import { createLimit } from '#shared/limits.ts'
import { handle } from '#shared/queue/executor.ts'
import { done, later, type Verdict } from '#shared/queue/job.ts'
import {
  checkPictures,
  pictureCallback,
  nextPicture,
  resumePicture,
  resendPicture,
  showPicture,
  watchPicture,
} from '../jobs.ts'
import type { StartedWorker } from '#shared/worker.ts'
import { takeCallback } from './callback.ts'
import { lookAfterPictures } from './check.ts'
import { claimNext, wakeElsewhere } from './claim.ts'
import { type Parts, type Times, timesOf } from './parts.ts'
import { createEditor } from './progress.ts'
import { goOnWithWaiting } from './resume.ts'
import { sendPictureAgain } from './send-again.ts'
import { showEnd } from './show.ts'
import { startTask } from './start.ts'
import { stepPicture } from './watch.ts'

export const startPictures = (app: Context): StartedWorker => ({ handlers: handlersOf(createParts(app)) })

/** Tests pass shorter times here. */
export function createParts(app: Context, times: Partial<Times> = {}): Parts {
  const pace = createLimit(app.backend, { name: 'image-edits', points: 1, seconds: 1 })
  const key = (card: { botId: string; chatId: bigint }) => `${card.botId}/${card.chatId}`
  const turns = {
    take: (card: { botId: string; chatId: bigint }) => pace.take(key(card)),
    pause: (card: { botId: string; chatId: bigint }, ms: number) => pace.block(key(card), ms),
  }
  const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
  return {
    app,
    providers: new Map(
      [...pictureProviders(app.config)].map(([name, provider]) => [name, watched(app, provider)]),
    ),
    editor: createEditor(turns, sleep),
    claiming: pLimit(1),
    times: { ...timesOf(app.config), ...times },
  }
}

export function handlersOf(parts: Parts) {
  return [
    handle(nextPicture, (job) => startNext(parts, job)),
    handle(watchPicture, (job) => stepPicture(parts, job)),
    handle(pictureCallback, (job) => takeCallback(parts, job)),
    handle(resumePicture, (job) => goOnWithWaiting(parts, job)),
    handle(showPicture, (job) => showEnd(parts, job.orderId)),
    handle(resendPicture, (job) => sendPictureAgain(parts, job)),
    handle(checkPictures, () => lookAfterPictures(parts)),
  ]
}

const PAUSED_MS = 3_000

/** Starts the one picture whose turn it is. Every change that makes room or brings work owes one such job. */
async function startNext(parts: Parts, { orderId, why }: { orderId: string; why: string }): Promise<Verdict> {
  if (why === 'over') await wakeElsewhere(parts, orderId)
  const isPaused = await parts.app.settings.get(picturesPaused)
  const claim = isPaused
    ? ({ is: 'wait', ms: PAUSED_MS } as const)
    : await parts.claiming(() => claimNext(parts))
  if (claim.is === 'claimed') {
    await startTask(parts, claim)
    return done
  }
  // The picture's own message tells the person their place in the queue.
  if (why !== 'over') await showEnd(parts, orderId)
  if (claim.is === 'nothing') return done
  return later(claim.ms, isPaused ? 'paused by an admin' : 'the provider takes no more for now')
}
