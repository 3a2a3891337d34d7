import { z } from 'zod'
import { defineJob, defineTick } from '#shared/queue/job.ts'

/** Takes expired reservations back and tells admins what runs low. */
export const lookAfterShelf = defineTick('upkeep.look-after-shelf', 30_000)

const card = z.object({ orderId: z.string(), version: z.string() })

/** The message that shows a service which is under way shows its new state. */
export const refreshItemCard = defineJob<z.infer<typeof card>>({
  name: 'item.card',
  queue: 'notices',
  payload: card,
  id: (job) => `item-card-${job.orderId}-${job.version}`,
  attempts: 5,
  backoffMs: 1_000,
})

const door = z.object({
  orderId: z.string(),
  /** The same one again is the same look. */
  version: z.string(),
})

/** Somebody's place in a chat becomes what their order says: they are let in, or have to go. */
export const mindDoor = defineJob<z.infer<typeof door>>({
  name: 'item.door',
  queue: 'notices',
  payload: door,
  id: (job) => `item-door-${job.orderId}-${job.version}`,
  attempts: 6,
  backoffMs: 1_000,
})

const resume = z.object({
  orderId: z.string(),
  /** What brought the money, or `balance-<what moved>` where nothing says so. */
  paymentId: z.string(),
})
export type ResumeItem = z.infer<typeof resume>

/** Money came for an item that waits for it: it is bought if the balance is enough now. */
export const resumeItem = defineJob<ResumeItem>({
  name: 'item.resume',
  queue: 'upkeep',
  payload: resume,
  id: (job) => `item-resume-${job.orderId}-${job.paymentId}`,
  attempts: 8,
  backoffMs: 1_000,
})
