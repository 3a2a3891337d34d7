import { setTimeout as sleep } from 'node:timers/promises'
import type { Context, Shared } from '#shared/context.ts'
import { openContext } from '#shared/context.ts'
import { onceDatabaseAnswers } from '#shared/db/wait.ts'
import { runQueue } from '#shared/queue/run-queue.ts'
import type { RunningQueue } from '#shared/queue/run-queue.ts'
import type { StartedWorker, WorkerType } from '#shared/worker.ts'
import { registerBots } from '#shared/telegram/identify.ts'
import { billing } from '#workers/billing/worker.ts'
import { bot } from '#workers/bot/worker.ts'
import { broadcasts } from '#workers/broadcasts/worker.ts'
import { exports } from '#workers/exports/worker.ts'
import { fragment } from '#workers/fragment/worker.ts'
import { images } from '#workers/images/worker.ts'
import { upkeep } from '#workers/upkeep/worker.ts'

/** Every worker there is, by the name that `npm run worker -- NAME` knows. */
export const workerTypes: readonly WorkerType[] = [
  bot,
  billing,
  fragment,
  images,
  upkeep,
  broadcasts,
  exports,
]

export interface RunningWorker {
  name: string
  /** Lets running jobs finish within the deadline; other workers take the rest when their locks expire. */
  stop(deadlineMs: number): Promise<void>
}

/** Starts one worker: its context, its handlers, then its queues. */
export async function startWorker(
  type: WorkerType,
  shared: Shared,
  databaseUrl: string,
): Promise<RunningWorker> {
  const context = await openContext(shared, {
    name: type.name,
    databaseUrl,
    poolSize: type.poolSize,
    statementMs: type.statementMs,
    needs: type.needs?.(shared.config),
  })
  try {
    await onceDatabaseAnswers(context.log, async () => {
      await registerBots(context.db, shared.config.bots)
      await context.refreshBots()
    })
    const started = await type.start(context)
    const queues = type.queues.map((queue) => runQueue(context, queue, started.handlers))
    context.standing.follow(queues)
    context.log.info({ queues: type.queues }, 'the worker is ready')
    return { name: type.name, stop: (deadlineMs) => stopWorker(context, queues, started, deadlineMs) }
  } catch (error) {
    await context.close()
    throw error
  }
}

async function stopWorker(
  context: Context & { close(): Promise<void> },
  queues: RunningQueue[],
  started: StartedWorker,
  deadlineMs: number,
): Promise<void> {
  await Promise.all(queues.map((queue) => queue.stop(deadlineMs)))
  await started.stop?.()
  await Promise.race([context.close(), sleep(1_000, undefined, { ref: false })])
}
