/*
 * consumes     broadcasts
 * produces     its own continuation and notices, through the outbox
 * writes       broadcasts, broadcast_recipients, broadcast_leases, bot_sessions.blocked_at
 * idempotent   by the recipient's row: planned -> sending is guarded, and only the winner sends
 * on retry     takes up ranges whose lease ran out; what was being sent then is uncertain and never repeated by itself
 */
import { handle } from '../../shared/queue/executor.ts'
import { closeBroadcast, sendBroadcast, startBroadcast } from '../../shared/queue/jobs/broadcasts.ts'
import type { WorkerType } from '../../shared/worker.ts'
import { sendSlice } from './lane.ts'
import { close } from './progress.ts'
import { start } from './start.ts'

export const broadcasts: WorkerType = {
  name: 'broadcasts',
  queues: ['broadcasts'],
  poolSize: 8,
  async start(app) {
    return {
      handlers: [
        handle(startBroadcast, (job) => start(app, job)),
        handle(closeBroadcast, ({ broadcastId }) => close(app, broadcastId)),
        handle(sendBroadcast, (job, run) => sendSlice(app, job, run)),
      ],
    }
  },
}
