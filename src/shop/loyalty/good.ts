import { z } from 'zod'
import type { Good } from '#shared/good.ts'
import { closeOrderCard } from '#shared/queue/jobs/orders.ts'
import { owe } from '#shared/queue/outbox.ts'
import { resumePlan } from './jobs.ts'

/** The details of an order for a plan: the plan's code and name, its days, and the person who gets it as a gift. */
export const planOrder = z.looseObject({
  plan: z.string(),
  name: z.string(),
  days: z.number(),
  /** Kopecks of the balance that may buy the missing tokens. */
  agreed: z.string().default('0'),
  to: z.string().optional(),
  toName: z.string().optional(),
})

/**
 * A period of a plan. Its posting is the whole purchase, and nothing is delivered. It becomes an order only when the
 * balance is too small for it: the order waits for the money.
 */
export const PLAN = {
  kind: 'subscription',
  entry: 'subscription',
  discounted: true,
  earnsXp: true,
  order: {
    details: planOrder,
    count: () => 1,
    // A period is paid for and begins in one transaction: nothing is left to fulfil.
    fulfil: async () => false,
    resume: (tx, orderId, paymentId) => owe(tx, resumePlan, { orderId, paymentId }),
    waiting: {
      title: (details) => ({ text: 'plan-waiting', params: { name: planOrder.parse(details).name } }),
      open: 'plan-rest',
      drop: 'plan-drop',
      roubles: true,
      over: (tx, orderId) => owe(tx, closeOrderCard, { orderId }),
    },
  },
} satisfies Good

export const loyaltyGoods: readonly Good[] = [PLAN]
