/*
 * consumes     exports
 * produces     nothing
 * writes       exports, files in the temporary folder
 * idempotent   by the export's state and the parts it remembers; only a part that was on its way may come twice
 * on retry     writes what follows the last part that was sent
 */
import type { WorkerType } from '#shared/worker.ts'
import { start } from '#shop/handlers.ts'

export const exports: WorkerType = {
  name: 'exports',
  queues: ['exports'],
  poolSize: 4,
  // The longest statement is a COPY of a whole table.
  statementMs: 900_000,
  needs: ({ telegram }) => ({ telegram: telegram.apiRoot }),
  start: start.exports,
}
