import { z } from 'zod'
import { ofInvoice } from '#shared/trace/trace.ts'
import { defineJob } from '../job.ts'

const charge = z.object({
  bot: z.string(),
  /** Telegram id as text: JSON has no bigint. */
  personId: z.string().regex(/^\d+$/),
  /** telegram_payment_charge_id: what makes a payment this payment. */
  chargeId: z.string().min(1).max(500),
  stars: z.number().int().positive(),
  /** The invoice's payload: our payment id, if the invoice is ours. */
  payload: z.string(),
  /** The update that told of the charge; absent where Telegram's list told of it, and in jobs that 0.1 left on the queue. */
  updateId: z.number().int().nonnegative().optional(),
})
export type StarsCharge = z.infer<typeof charge>

/**
 * One job for each update that tells of a charge, and one for Telegram's list: whichever comes later credits nothing, but
 * its update must be remembered, too.
 */
function jobId(what: string, { bot, chargeId, updateId }: StarsCharge): string {
  const id = `stars-${what}-${bot}-${Buffer.from(chargeId).toString('base64url')}`
  return updateId === undefined ? id : `${id}-of-${updateId}`
}

/** Stars came: a successful_payment, or a line of Telegram's list that no update told us about. */
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
 * What the bot worker needs to know of the same charge at once, however far behind billing is: the invoice is paid, and a
 * second payment of it is refused.
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

/** Stars went back to the person: we gave them back, or somebody else did. */
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
