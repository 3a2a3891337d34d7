import type { Db } from '#shared/db/db.ts'
import type { Order } from '#shared/money/tables.ts'
import type { Secrets } from '#shared/secrets.ts'
import { itemOf } from './good.ts'
import { kindOf } from './kinds/list.ts'
import { shelfSecrets } from './seal.ts'

/**
 * What the buyer got, in clear text, for the buyer only.
 * @returns undefined when it was taken back
 */
export async function contentBought(
  app: { db: Db; secrets: Secrets },
  order: Pick<Order, 'id' | 'details' | 'state'>,
): Promise<string | undefined> {
  if (order.state !== 'delivered') return undefined
  const { item, kind } = itemOf(order)
  return await kindOf({ kind }).content({ db: app.db, shelf: await shelfSecrets(app) }, order, BigInt(item))
}
