/*
 * consumes     upkeep
 * produces     through the outbox: whatever stands still for too long
 * writes       outbox, payments and orders that expired; deletes what is kept for a time only
 * idempotent   every task may run at any time and any number of times
 * on retry     the next tick is the retry
 */
import { proveAndTell } from '#shared/money/prove-ledger.ts'
import { handle } from '#shared/queue/executor.ts'
import { cleanUp, proveLedger } from '#shared/queue/jobs/upkeep.ts'
import type { WorkerType } from '#shared/worker.ts'
import { start } from '#shop/handlers.ts'
import { deleteOldRows } from './clean-up.ts'
import { startTicking } from './schedule.ts'

export const upkeep: WorkerType = {
  name: 'upkeep',
  queues: ['upkeep'],
  poolSize: 5,
  // Sweeps read many rows; this limit only ends a statement that hangs.
  statementMs: 300_000,
  async start(app) {
    const rooms = await start.upkeep(app)
    const ticking = startTicking(app)
    return {
      handlers: [
        handle(proveLedger, () => proveAndTell(app)),
        handle(cleanUp, () => deleteOldRows(app)),
        ...rooms.handlers,
      ],
      stop: async () => ticking.stop(),
    }
  },
}
