import type { Context } from '#shared/context.ts'
import { handle } from '#shared/queue/executor.ts'
import type { StartedWorker } from '#shared/worker.ts'
import { closeMailing, sendMailing, beginMailing } from '../jobs.ts'
import { sendSlice } from './lane.ts'
import { close } from './progress.ts'
import { startMailing } from './start.ts'

export function startMailings(app: Context): StartedWorker {
  return {
    handlers: [
      handle(beginMailing, (job) => startMailing(app, job)),
      handle(closeMailing, ({ broadcastId: mailingId }) => close(app, mailingId)),
      handle(sendMailing, (job, run) => sendSlice(app, job, run)),
    ],
  }
}
