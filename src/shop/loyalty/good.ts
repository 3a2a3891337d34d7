import type { Good } from '#shared/good.ts'

/** A period of a plan. Its posting is all there is: no order, and nothing to deliver. */
export const PLAN = {
  kind: 'subscription',
  entry: 'subscription',
  discounted: true,
  earnsXp: true,
} satisfies Good

export const loyaltyGoods: readonly Good[] = [PLAN]
