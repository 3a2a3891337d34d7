import { z } from 'zod'
import { ofInvoice } from '#shared/trace/trace.ts'
import { defineJob } from '../job.ts'

const charge = z.object({
  bot: z.string(),
  /** Telegram id as text: JSON has no bigint. */
  personId: z.string().regex(/^\d+$/),
  /** telegram_payment_charge_id: it identifies the payment. */
  chargeId: z.string().min(1).max(500),
  stars: z.number().int().positive(),
  /** The invoice's payload: the id of our payment, if we made the invoice. */
  payload: z.string(),
  /**
   * The number of the update that reported the charge. It is absent when Telegram's list of transactions reported it,
   * and in jobs that release 0.1 left on the queue.
   */
  updateId: z.number().int().nonnegative().optional(),
})
export type StarsCharge = z.infer<typeof charge>

/**
 * Each update that reports a charge is one job, and Telegram's list is another. The later job credits nothing, but it
 * still must run, so that its update is marked as handled.
 */
function jobId(what: string, { bot, chargeId, updateId }: StarsCharge): string {
  const id = `stars-${what}-${bot}-${Buffer.from(chargeId).toString('base64url')}`
  return updateId === undefined ? id : `${id}-of-${updateId}`
}

/** Stars came in: reported by a successful_payment update, or by Telegram's list of transactions if no update came. */
export const starsPaid = defineJob<StarsCharge>({
  name: 'stars.paid',
  queue: 'billing',
  sealed: true,
  payload: charge,
  id: (job) => jobId('paid', job),
  about: (job) => ofInvoice(job.payload),
  attempts: 12,
  backoffMs: 500,
})

/**
 * Tells the bot worker about the same charge at once, even if the billing queue is far behind: the bot shows the
 * invoice as paid and refuses a second payment of it.
 */
export const starsArrived = defineJob<StarsCharge>({
  name: 'stars.arrived',
  queue: 'checkout',
  sealed: true,
  payload: charge,
  id: (job) => jobId('arrived', job),
  about: (job) => ofInvoice(job.payload),
  attempts: 5,
  backoffMs: 500,
})

/** Stars went back to the person: by our refund or by somebody else's, such as Telegram's support. */
export const starsRefunded = defineJob<StarsCharge>({
  name: 'stars.refunded',
  queue: 'billing',
  sealed: true,
  payload: charge,
  id: (job) => jobId('refunded', job),
  about: (job) => ofInvoice(job.payload),
  attempts: 12,
  backoffMs: 500,
})
