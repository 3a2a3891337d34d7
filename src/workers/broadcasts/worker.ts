/*
 * consumes     broadcasts
 * produces     its own continuation and notices, through the outbox
 * writes       broadcasts, broadcast_recipients, broadcast_leases, bot_sessions.blocked_at
 * idempotent   by the recipient's row: planned -> sending is guarded, and only the winner sends
 * on retry     takes up ranges whose lease ran out; what was being sent then is uncertain and never repeated by itself
 */
import type { WorkerType } from '#shared/worker.ts'
import { start } from '#shop/handlers.ts'

export const broadcasts: WorkerType = {
  name: 'broadcasts',
  queues: ['broadcasts'],
  poolSize: 8,
  statementMs: 300_000,
  needs: ({ telegram }) => ({ telegram: telegram.apiRoot }),
  start: start.broadcasts,
}
