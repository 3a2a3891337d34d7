import { z } from 'zod'
import { defineJob, defineTick } from '#shared/queue/job.ts'

/** Frees lines whose time of being set aside has passed, and tells admins which stock runs low. */
export const lookAfterShelf = defineTick('upkeep.look-after-shelf', 30_000)

const card = z.object({ orderId: z.string(), version: z.string() })

/** Redraws the message that shows a service under way. */
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
  /** Names the reason for this job: the same version again is the same job. */
  version: z.string(),
})

/** Lets a person into a chat or takes them out, as their order says. */
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
  /** The payment that brought the money, or `balance-<posting>` when the money names no payment. */
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
