import { z } from 'zod'
import type { Good } from '#shared/good.ts'
import type { Order } from '#shared/money/tables.ts'
import { owe } from '#shared/queue/outbox.ts'
import { refreshItemCard, resumeItem } from './jobs.ts'
import { shelfInMenu } from './settings.ts'

/** An order for an item: which item, its name for the buyer, and the roubles that may buy missing tokens. */
const itemDetails = z.looseObject({
  item: z.string(),
  name: z.string(),
  kind: z.string(),
  /** For a service: until when it is promised, and the reason of a refusal. */
  promisedUntil: z.string().optional(),
  reason: z.string().nullish(),
  /** The time that the item's kind promised when the order was made: see `ItemKind.promise`. */
  promise: z.record(z.string(), z.number().nullable()).optional(),
  /** For a gift: how many days its link is valid, and who opened it. */
  gift: z.number().optional(),
  openedBy: z.string().optional(),
  /** Kopecks. */
  agreed: z.string().default('0'),
})

/** The goods that an owner sells. They are paid for and delivered in one transaction. */
export const ITEM = {
  kind: 'item',
  entry: 'item',
  discounted: true,
  earnsXp: true,
  menu: { text: 'menu-shelf', button: ['shelf'], shown: (settings, bot) => settings.get(shelfInMenu, bot) },
  order: {
    details: itemDetails,
    count: () => 1,
    // The payment has delivered the item, so nothing is left to fulfil.
    fulfil: async () => false,
    resume: (tx, orderId, paymentId) => owe(tx, resumeItem, { orderId, paymentId }),
    waiting: {
      title: (details) => {
        const { name, gift } = itemDetails.parse(details)
        return { text: gift === undefined ? 'shelf-waiting' : 'shelf-waiting-gift', params: { name } }
      },
      open: 'item-rest',
      drop: 'item-drop',
      roubles: true,
      over: (tx, orderId) => owe(tx, refreshItemCard, { orderId, version: 'over' }),
    },
  },
} satisfies Good

export const shelfGoods: readonly Good[] = [ITEM]

/**
 * The order's details.
 * @throws when the order is for another good
 */
export const itemOf = (order: Pick<Order, 'details'>): z.infer<typeof itemDetails> =>
  itemDetails.parse(order.details)

/** Who may look at the purchase: its buyer, or for a gift the person who opened it. */
export const ownsItem = (order: Pick<Order, 'details' | 'personId'>, personId: bigint): boolean => {
  const { gift, openedBy } = itemOf(order)
  return gift === undefined ? order.personId === personId : openedBy === String(personId)
}
