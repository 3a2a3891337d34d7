import { z } from 'zod'
import { defineJob } from '../job.ts'

const over = z.object({ orderId: z.string() })

/** An order waits for money no more: the message that asked for it says how the order ended, and loses its keys. */
export const closeOrderCard = defineJob<z.infer<typeof over>>({
  name: 'order.over',
  queue: 'notices',
  payload: over,
  id: (job) => `order-over-${job.orderId}`,
  attempts: 5,
  backoffMs: 1_000,
})
