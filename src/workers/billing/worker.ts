/*
 * consumes     billing
 * produces     notices, through the outbox
 * writes       payments, payment_events, postings
 * idempotent   by the provider's own id of the payment (unique) and by the posting's reference (unique)
 * on retry     reads the payment's state and does what is left; a credited payment stays credited
 */
import type { WorkerType } from '#shared/worker.ts'
import { start } from '#shop/handlers.ts'

export const billing: WorkerType = {
  name: 'billing',
  queues: ['billing'],
  poolSize: 10,
  start: start.billing,
}
