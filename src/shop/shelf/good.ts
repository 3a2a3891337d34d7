import { z } from 'zod'
import type { Good } from '#shared/good.ts'
import type { Order } from '#shared/money/tables.ts'
import { owe } from '#shared/queue/outbox.ts'
import { resumeItem } from './jobs.ts'
import { shelfInMenu } from './settings.ts'

/** Of an order for an item: which one, how it was called for whom, and the roubles that may buy the tokens it lacks. */
const itemDetails = z.looseObject({
  item: z.string(),
  name: z.string(),
  kind: z.string(),
  /** Of what an admin does: until when, and why not. */
  promisedUntil: z.string().optional(),
  reason: z.string().nullish(),
  /** Of a gift: for how many days its link is good, and who opened it. */
  gift: z.number().optional(),
  openedBy: z.string().optional(),
  /** Kopecks. */
  agreed: z.string().default('0'),
})

/** What an owner sells of their own. It is paid for and delivered in one transaction. */
export const ITEM = {
  kind: 'item',
  entry: 'item',
  discounted: true,
  earnsXp: true,
  menu: { text: 'menu-shelf', button: ['shelf'], shown: shelfInMenu },
  order: {
    details: itemDetails,
    count: () => 1,
    // Paid for and delivered at once: nothing is left to do.
    fulfil: async () => false,
    resume: (tx, orderId, paymentId) => owe(tx, resumeItem, { orderId, paymentId }),
    waiting: {
      title: (details) => ({ text: 'shelf-waiting', params: { name: itemDetails.parse(details).name } }),
      open: 'item-rest',
      drop: 'item-drop',
      roubles: true,
    },
  },
} satisfies Good

export const shelfGoods: readonly Good[] = [ITEM]

/** @throws when the order is for something else */
export const itemOf = (order: Pick<Order, 'details'>): z.infer<typeof itemDetails> =>
  itemDetails.parse(order.details)

/** Whose the purchase is to look at: the buyer's, or of a gift whoever has opened it. */
export const ownsItem = (order: Pick<Order, 'details' | 'personId'>, personId: bigint): boolean => {
  const { gift, openedBy } = itemOf(order)
  return gift === undefined ? order.personId === personId : openedBy === String(personId)
}
