/*
 * consumes     fragment
 * produces     notices, order cards, checks of purchases, through the outbox
 * writes       orders, order_decisions, attempts, holds and their postings, sale_stops, wallet_readings, premium_activations
 * idempotent   an attempt is committed before the call and a unique index allows one that may have happened
 * on retry     reads the order's row and does its next step; a purchase that may have happened is asked about
 */
import type { WorkerType } from '#shared/worker.ts'
import { start } from '#shop/handlers.ts'

export const fragment: WorkerType = {
  name: 'fragment',
  queues: ['fragment'],
  poolSize: 10,
  needs: ({ fragment: { apiUrl } }) => ({ reseller: apiUrl }),
  start: start.fragment,
}
