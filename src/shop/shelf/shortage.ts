import type { Context } from '#shared/context.ts'
import { meansFor } from '#shared/money/exchange.ts'
import { readBalance } from '#shared/money/read.ts'
import type { Order } from '#shared/money/tables.ts'
import { awaitItem } from './buy.ts'
import type { Wish } from './buy.ts'

interface Buyer {
  app: Pick<Context, 'db' | 'settings'>
  bot: { name: string }
  personId: bigint
}

export interface Lacking {
  /** How much the balance lacks, in the order's asset. */
  lacking: bigint
  /** Kopecks of the balance that may buy tokens, when the price is in tokens. */
  roubles: bigint
  /** Kopecks that must still be paid in. */
  missing: bigint
}

/** How the balance can pay an order for an item. */
export async function meansOfItem(
  buyer: Buyer,
  { asset, price }: Pick<Order, 'asset' | 'price'>,
): Promise<Lacking> {
  const { personId, bot, app } = buyer
  if (asset === 'TOK') return await meansFor(app.db, app.settings, { personId, bot: bot.name, price })
  const { available } = await readBalance(app.db, personId, asset)
  const missing = price > available ? price - available : 0n
  return { lacking: missing, roubles: 0n, missing }
}

/** The balance is too small: the order waits, and the sum that is asked for now is the sum that may be taken later. */
export const awaitRestOfItem = (
  buyer: Buyer,
  wish: Wish,
): Promise<{ order: Order; aside: Date | undefined }> =>
  buyer.app.db.tx(async (tx) => {
    const first = await awaitItem(tx, wish)
    const { roubles: agreed } = await meansOfItem(buyer, first.order)
    return await awaitItem(tx, { ...wish, roubles: { ...wish.roubles, agreed } })
  })
