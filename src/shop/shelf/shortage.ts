import type { Context } from '#shared/context.ts'
import { meansOfOrder } from '#shared/money/exchange.ts'
import type { Order } from '#shared/money/tables.ts'
import { awaitItem } from './buy.ts'
import type { Wish } from './buy.ts'

interface Buyer {
  app: Pick<Context, 'db' | 'settings'>
  bot: { name: string }
  personId: bigint
}

/** The balance is too small: the order waits, and the sum that is asked for now is the sum that may be taken later. */
export const awaitRestOfItem = (
  buyer: Buyer,
  wish: Wish,
): Promise<{ order: Order; aside: Date | undefined }> =>
  buyer.app.db.tx(async (tx) => {
    const first = await awaitItem(tx, wish)
    const { roubles: agreed } = await meansOfOrder(buyer, first.order)
    return await awaitItem(tx, { ...wish, roubles: { ...wish.roubles, agreed } })
  })
