import type { Db } from '#shared/db/db.ts'
import { meansOf } from '#shared/money/exchange.ts'
import { balances } from '#shared/money/read.ts'
import type { Order } from '#shared/money/tables.ts'
import { awaitItem } from './buy.ts'
import type { Wish } from './buy.ts'

/** The balance is too small: the order waits, and the sum that is asked for now is the sum that may be taken later. */
export const awaitRestOfItem = (
  db: Pick<Db, 'tx'>,
  wish: Wish,
): Promise<{ order: Order; aside: Date | undefined }> =>
  db.tx(async (tx) => {
    const { asset, price } = (await awaitItem(tx, wish)).order
    const wallets = await balances(tx, wish.personId)
    const agreed = asset === 'TOK' ? meansOf(wallets, wish.roubles.rate, price).roubles : 0n
    return await awaitItem(tx, { ...wish, roubles: { ...wish.roubles, agreed } })
  })
