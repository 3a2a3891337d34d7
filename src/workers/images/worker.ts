/*
 * consumes     images
 * produces     image.next, image.watch, image.show, notices to admins
 * writes       orders, attempts, generations, captures and releases of holds, pictures in DATA_DIR
 * idempotent   by the order's state; one attempt that may have happened; a lease on delivery; the hold's reference
 * on retry     reads the row and does the one next step: a start is never repeated, a look and an edit may be
 */
import pLimit from 'p-limit'
import type { Context } from '../../shared/context.ts'
import { measured } from '../../shared/measured.ts'
import { imageProviders } from '../../shared/images/providers.ts'
import { imagesPaused } from '../../shared/images/settings.ts'
import { createLimit } from '../../shared/limits.ts'
import { handle } from '../../shared/queue/executor.ts'
import { done, later, type Verdict } from '../../shared/queue/job.ts'
import {
  checkImages,
  imageCallback,
  nextImage,
  sendImage,
  showImage,
  watchImage,
} from '../../shared/queue/jobs/images.ts'
import type { WorkerType } from '../../shared/worker.ts'
import { takeCallback } from './callback.ts'
import { check } from './check.ts'
import { claimNext } from './claim.ts'
import { type Parts, type Times, timesOf } from './parts.ts'
import { createEditor } from './progress.ts'
import { sendAgain } from './send-again.ts'
import { showEnd } from './show.ts'
import { startTask } from './start.ts'
import { watch } from './watch.ts'

export const images: WorkerType = {
  name: 'images',
  queues: ['images'],
  poolSize: 12,
  start: (app) => Promise.resolve({ handlers: handlersOf(createParts(app)) }),
}

/** Where the tests come in: with shorter times. */
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
      [...imageProviders(app.config)].map(([name, provider]) => [name, measured(app.metrics, provider)]),
    ),
    editor: createEditor(turns, sleep),
    claiming: pLimit(1),
    times: { ...timesOf(app.config), ...times },
  }
}

export function handlersOf(parts: Parts) {
  return [
    handle(nextImage, (job) => startNext(parts, job)),
    handle(watchImage, (job) => watch(parts, job)),
    handle(imageCallback, (job) => takeCallback(parts, job)),
    handle(showImage, (job) => showEnd(parts, job.orderId)),
    handle(sendImage, (job) => sendAgain(parts, job)),
    handle(checkImages, () => check(parts)),
  ]
}

const PAUSED_MS = 3_000

/** Starts one picture, the fairest that waits. Whatever makes room or work owes one such job. */
async function startNext(parts: Parts, { orderId, why }: { orderId: string; why: string }): Promise<Verdict> {
  const isPaused = await parts.app.settings.get(imagesPaused)
  const claim = isPaused
    ? ({ is: 'wait', ms: PAUSED_MS } as const)
    : await parts.claiming(() => claimNext(parts))
  if (claim.is === 'claimed') {
    await startTask(parts, claim)
    return done
  }
  // Its own message tells the person where they are in the queue.
  if (why !== 'over') await showEnd(parts, orderId)
  if (claim.is === 'nothing') return done
  return later(claim.ms, isPaused ? 'paused by an admin' : 'the provider takes no more for now')
}
