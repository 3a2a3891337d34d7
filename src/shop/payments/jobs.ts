import { createHash } from 'node:crypto'
import { z } from 'zod'
import { defineJob, defineTick } from '#shared/queue/job.ts'

const webhook = z.object({
  provider: z.string(),
  /** Names what the provider tells: the same news told twice has the same key. */
  key: z.string().max(300),
  /** The genuine body as it came, up to 64 KiB. */
  body: z.string().max(65_536),
})
export type PaymentWebhook = z.infer<typeof webhook>

/** A provider told us something, and its signature or the secret in the path shows that it was the provider. */
export const paymentWebhook = defineJob<PaymentWebhook>({
  name: 'payment.webhook',
  queue: 'billing',
  sealed: true,
  payload: webhook,
  id: (job) => `pay-${job.provider}-${createHash('sha256').update(job.key).digest('hex').slice(0, 32)}`,
  // With the back-off these tries last over two hours: a provider whose look-up does not answer may stay away for long.
  attempts: 30,
  backoffMs: 500,
})

const one = z.object({ paymentId: z.string() })
type OnePayment = z.infer<typeof one>

/** Asks the provider for an invoice and a link. Owed by whoever creates a payment. */
export const makeInvoice = defineJob<OnePayment>({
  name: 'payment.invoice',
  queue: 'billing',
  payload: one,
  id: (job) => `invoice-${job.paymentId}`,
  attempts: 6,
  backoffMs: 500,
})

/** Charges a kept card. Owed by whoever begins the charge. */
export const chargeCard = defineJob<OnePayment>({
  name: 'payment.charge',
  queue: 'billing',
  payload: one,
  id: (job) => `charge-${job.paymentId}`,
  // With the back-off these tries last over two hours: a provider may stay away for long.
  attempts: 30,
  backoffMs: 500,
})

const check = z.object({ paymentId: z.string(), round: z.string() })

/** Asks the provider how a payment stands. `round` names the occasion: a poll's number, a person's tap. */
export const checkPayment = defineJob<z.infer<typeof check>>({
  name: 'payment.check',
  queue: 'billing',
  payload: check,
  id: (job) => `paycheck-${job.paymentId}-${job.round}`,
  // Three tries are enough: the next poll asks again anyway.
  attempts: 3,
  backoffMs: 1_000,
})

const period = z.object({ provider: z.string(), day: z.string().regex(/^\d{4}-\d{2}-\d{2}$/) })

/** Compares a provider's own list with our payments and tells the admins what differs. */
export const comparePayments = defineJob<z.infer<typeof period>>({
  name: 'payment.compare',
  queue: 'billing',
  payload: period,
  id: (job) => `compare-${job.provider}-${job.day}`,
  attempts: 8,
  backoffMs: 30_000,
})

const refund = z.object({ refundId: z.string() })

/** Carries out a refund that an admin has decided. */
export const refundPayment = defineJob<z.infer<typeof refund>>({
  name: 'payment.refund',
  queue: 'billing',
  payload: refund,
  id: (job) => `payback-${job.refundId}`,
  attempts: 12,
  backoffMs: 1_000,
})

const settled = z.object({ refundId: z.string(), happened: z.boolean() })

/** An admin says how a refund ended, because its provider does not. */
export const settleRefund = defineJob<z.infer<typeof settled>>({
  name: 'payment.refund-settled',
  queue: 'billing',
  payload: settled,
  id: (job) => `payback-settled-${job.refundId}-${job.happened}`,
  attempts: 6,
  backoffMs: 1_000,
})

const wallet = z.object({
  reference: z.string(),
  /** Names the asking: after a refusal the person may ask again. Jobs of before 0.2 have none. */
  asking: z.string().optional(),
})

/** Gets a permanent address of a person. */
export const makeWallet = defineJob<z.infer<typeof wallet>>({
  name: 'payment.wallet',
  queue: 'billing',
  payload: wallet,
  id: (job) => `wallet-${job.reference}${job.asking === undefined ? '' : `-${job.asking}`}`,
  // With the back-off these tries last over two hours: a provider may stay away for long, and the person is told when the
  // address is there, or that there will be none.
  attempts: 30,
  backoffMs: 1_000,
})

const card = z.object({ paymentId: z.string(), round: z.string() })

/** Redraws the message that shows a payment: always as the row is now, so a late job shows nothing old. */
export const drawPayment = defineJob<z.infer<typeof card>>({
  name: 'payment.card',
  queue: 'notices',
  payload: card,
  id: (job) => `card-${job.paymentId}-${job.round}`,
  attempts: 5,
  backoffMs: 1_000,
})

const starsRefund = z.object({
  paymentId: z.string(),
  /** How many refunds of this payment Telegram has refused before. */
  refused: z.number().int().nonnegative().optional(),
})

/** A refund of Stars that release 0.1 owed. It becomes a refund like all others. */
export const refundStars = defineJob<z.infer<typeof starsRefund>>({
  name: 'stars.refund',
  queue: 'billing',
  payload: starsRefund,
  id: (job) => `stars-refund-${job.paymentId}${job.refused ? `-${job.refused}` : ''}`,
  attempts: 12,
  backoffMs: 1_000,
})

/** Compares our Stars payments with Telegram's own list and books what was lost. */
export const reconcileStars = defineTick('upkeep.reconcile-stars', 60_000)
/** Lets waiting orders go on whose money came unnoticed; expires drafts and payments that nobody paid. */
export const expire = defineTick('upkeep.expire', 60_000)
/** Owes a look at every payment whose time has come. */
export const pollPayments = defineTick('upkeep.poll-payments', 10_000)
/** Owes the comparison with every provider's own list. */
export const compareDaily = defineTick('upkeep.compare-daily', 24 * 60 * 60_000)
