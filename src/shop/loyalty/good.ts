import { z } from 'zod'
import type { Good } from '#shared/good.ts'
import { owe } from '#shared/queue/outbox.ts'
import { resumePlan } from './jobs.ts'

/** Of an order for a plan: the code and the name of the plan, its days, and whom it is a gift for. */
export const planOrder = z.looseObject({
  plan: z.string(),
  name: z.string(),
  days: z.number(),
  /** Kopecks of the balance that may buy the tokens it lacks. */
  agreed: z.string().default('0'),
  to: z.string().optional(),
  toName: z.string().optional(),
})

/**
 * A period of a plan. Its posting is all there is, and nothing to deliver; only one that the balance is too small for is
 * an order, until the money has come.
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
    },
  },
} satisfies Good

export const loyaltyGoods: readonly Good[] = [PLAN]
