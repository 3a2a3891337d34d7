/*
 * consumes     billing
 * produces     notices, through the outbox
 * writes       payments, payment_events, postings
 * idempotent   by the provider's own id of the payment (unique) and by the posting's reference (unique)
 * on retry     reads the payment's state and does what is left; a credited payment stays credited
 */
import { handle } from '../../shared/queue/executor.ts'
import { refundStars, starsPaid, starsRefunded } from '../../shared/queue/jobs/stars.ts'
import type { WorkerType } from '../../shared/worker.ts'
import { providerHandlers } from './providers/handlers.ts'
import { creditStars } from './stars.ts'
import { bookForeignRefund, refundStarsPayment } from './stars-refunds.ts'

export const billing: WorkerType = {
  name: 'billing',
  queues: ['billing'],
  poolSize: 10,
  async start(app) {
    return {
      handlers: [
        handle(starsPaid, (charge) => creditStars(app, charge)),
        handle(starsRefunded, (charge) => bookForeignRefund(app, charge)),
        handle(refundStars, ({ paymentId }) => refundStarsPayment(app, paymentId)),
        ...providerHandlers(app),
      ],
    }
  },
}
