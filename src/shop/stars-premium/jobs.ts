import { createHash } from 'node:crypto'
import { z } from 'zod'
import { defineJob } from '#shared/queue/job.ts'

const order = z.object({
  orderId: z.string(),
  /**
   * For a check: the attempt to check. For a fulfilment: grows when an admin lets the order go on, so that the job's
   * id is new.
   */
  round: z.number().int().positive().default(1),
})
export type OrderJob = z.infer<typeof order>

/** Buys what a reserved order is for: once, however often the job runs. */
export const fulfilOrder = defineJob<OrderJob>({
  name: 'fragment.fulfil',
  queue: 'fragment',
  payload: order as z.ZodType<OrderJob>,
  id: (job) => `fulfil-${job.orderId}-${job.round}`,
  attempts: 10,
  backoffMs: 1_000,
})

/** Asks the supplier about a purchase until its end is known. */
export const checkOrder = defineJob<OrderJob>({
  name: 'fragment.check',
  queue: 'fragment',
  payload: order as z.ZodType<OrderJob>,
  id: (job) => `check-${job.orderId}-${job.round}`,
  attempts: 10,
  backoffMs: 1_000,
})

const resume = z.object({ orderId: z.string(), paymentId: z.string() })
export type ResumeOrder = z.infer<typeof resume>

/** Money came for an order that waited for it: the order goes on if the balance is enough now. */
export const resumeOrder = defineJob<ResumeOrder>({
  name: 'fragment.resume',
  queue: 'fragment',
  payload: resume,
  id: (job) => `resume-${job.orderId}-${job.paymentId}`,
  attempts: 10,
  backoffMs: 1_000,
})

const decision = z.object({ decisionId: z.string() })
export type DecideOrder = z.infer<typeof decision>

/** Carries out what an admin decided about an order. */
export const decideOrder = defineJob<DecideOrder>({
  name: 'fragment.decide',
  queue: 'fragment',
  payload: decision,
  id: (job) => `decide-${job.decisionId}`,
  attempts: 10,
  backoffMs: 1_000,
})

const callback = z.object({
  orderId: z.string(),
  /** The attempt whose token was in the callback's address. */
  attempt: z.number().int().positive(),
  /** The body as it came; it is believed only after a look-up. */
  body: z.string().max(65_536),
})
export type ResellerCallback = z.infer<typeof callback>

/** The reseller called `response_url`. The same body twice is one job. */
export const resellerCallback = defineJob<ResellerCallback>({
  name: 'fragment.callback',
  queue: 'fragment',
  payload: callback,
  id: (job) => {
    const digest = createHash('sha256').update(job.body).digest('hex').slice(0, 16)
    return `fragment-callback-${job.orderId}-${job.attempt}-${digest}`
  },
  attempts: 10,
  backoffMs: 1_000,
})

const card = z.object({
  orderId: z.string(),
  /** The change of the order that caused the redraw. The present state is drawn, whatever this says. */
  version: z.string(),
})
export type RefreshCard = z.infer<typeof card>

/** Edits the order's live card. */
export const refreshCard = defineJob<RefreshCard>({
  name: 'order.card',
  queue: 'notices',
  payload: card,
  id: (job) => `card-${job.orderId}-${job.version}`,
  attempts: 5,
  backoffMs: 1_000,
})

const tick = z.object({ minute: z.number().int() })

/** Every minute: checks our balance at the reseller, prices, orders that stand still, and Premium that ends soon. */
export const watchSales = defineJob<{ minute: number }>({
  name: 'fragment.watch',
  queue: 'fragment',
  payload: tick,
  id: (job) => `fragment-watch-${job.minute}`,
  attempts: 2,
  backoffMs: 5_000,
})
