import { z } from 'zod'
import { defineJob, defineTick } from '#shared/queue/job.ts'

/** Takes expired reservations back and tells admins what runs low. */
export const lookAfterShelf = defineTick('upkeep.look-after-shelf', 30_000)

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
