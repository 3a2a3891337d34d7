import { z } from 'zod'
import type { Good } from '#shared/good.ts'
import { closeOrderCard } from '#shared/queue/jobs/orders.ts'
import { owe } from '#shared/queue/outbox.ts'
import { nextPicture, resumePicture } from './jobs.ts'

const waitingPicture = z.looseObject({ shows: z.string().optional() })

/** One picture. Its prompt and its model stand in `generations`; an order is for one picture. */
export const PICTURE = {
  kind: 'image',
  entry: 'generation',
  discounted: true,
  earnsXp: true,
  menu: { text: 'menu-image', button: ['generate'] },
  order: {
    details: z.looseObject({}),
    count: () => 1,
    fulfil: (tx, orderId) => owe(tx, nextPicture, { orderId, why: 'new' }),
    resume: (tx, orderId, paymentId) => owe(tx, resumePicture, { orderId, paymentId }),
    waiting: {
      // The details hold the prompt's beginning only from the moment at which the order begins to wait for money.
      title: (details) => {
        const { shows = '' } = waitingPicture.parse(details)
        return { text: shows ? 'image-waiting' : 'operation-generation', params: { shows } }
      },
      open: 'picture-pay',
      drop: 'picture-drop',
      roubles: true,
      over: (tx, orderId) => owe(tx, closeOrderCard, { orderId }),
    },
  },
} satisfies Good

export const picturesGoods: readonly Good[] = [PICTURE]
