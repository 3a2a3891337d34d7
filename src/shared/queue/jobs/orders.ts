import { z } from 'zod'
import { defineJob } from '../job.ts'

const over = z.object({ orderId: z.string() })
/** One of the two rows, and a message of its bot in the chat of its person. */
const former = z.object({
  orderId: z.string().optional(),
  paymentId: z.string().optional(),
  messageId: z.number().int(),
})
export type FormerCard = z.infer<typeof former>

/** An order waits for money no more: the message that asked for it says how the order ended, and loses its keys. */
export const closeOrderCard = defineJob<z.infer<typeof over>>({
  name: 'order.over',
  queue: 'notices',
  payload: over,
  id: (job) => `order-over-${job.orderId}`,
  attempts: 5,
  backoffMs: 1_000,
})

/** Another message shows the order or the payment by now: the one that showed it before keeps its words and no key for money. */
export const takeKeys = defineJob<FormerCard>({
  name: 'card.former',
  queue: 'notices',
  payload: former,
  id: (job) => `card-former-${job.orderId ?? job.paymentId}-${job.messageId}`,
  attempts: 5,
  backoffMs: 1_000,
})
