import type { Context } from '#shared/context.ts'
import { givesWay } from '#shared/queue/gives-way.ts'
import { handle } from '#shared/queue/executor.ts'
import type { StartedWorker } from '#shared/worker.ts'
import { closeMailing, sendMailing, beginMailing } from '../jobs.ts'
import { sendSlice } from './lane.ts'
import { close } from './progress.ts'
import { startMailing } from './start.ts'

/** Two lanes keep a bot's rate; its other mailings and lanes would only wait for the same rate in the places of other bots. */
const OF_ONE_BOT = 2

export function startMailings(app: Context): StartedWorker {
  const inTurn = givesWay(OF_ONE_BOT)
  return {
    handlers: [
      handle(beginMailing, (job) => startMailing(app, job)),
      handle(closeMailing, ({ broadcastId: mailingId }) => close(app, mailingId)),
      handle(sendMailing, (job, run) => inTurn(job, run, () => sendSlice(app, job, run))),
    ],
  }
}
