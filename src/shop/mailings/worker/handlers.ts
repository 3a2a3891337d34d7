import type { Context } from '#shared/context.ts'
import { handle } from '#shared/queue/executor.ts'
import type { StartedWorker } from '#shared/worker.ts'
import { closeBroadcast, sendBroadcast, startBroadcast } from '../jobs.ts'
import { sendSlice } from './lane.ts'
import { close } from './progress.ts'
import { startMailing } from './start.ts'

export function startMailings(app: Context): StartedWorker {
  return {
    handlers: [
      handle(startBroadcast, (job) => startMailing(app, job)),
      handle(closeBroadcast, ({ broadcastId }) => close(app, broadcastId)),
      handle(sendBroadcast, (job, run) => sendSlice(app, job, run)),
    ],
  }
}
