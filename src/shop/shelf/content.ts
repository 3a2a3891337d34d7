import type { Db } from '#shared/db/db.ts'
import type { Order } from '#shared/money/tables.ts'
import type { Secrets } from '#shared/secrets.ts'
import { itemOf } from './good.ts'
import { STOCK, readItem } from './items.ts'
import { lineOf } from './lines.ts'
import { openContent, shelfSecrets } from './seal.ts'

/** What the buyer has got, in clear: shown to them and to nobody else. @returns undefined when it was taken back */
export async function contentBought(
  app: { db: Db; secrets: Secrets },
  order: Pick<Order, 'id' | 'details' | 'state'>,
): Promise<string | undefined> {
  if (order.state !== 'delivered') return undefined
  const shelf = await shelfSecrets(app)
  const { item: itemId, kind } = itemOf(order)
  if (kind === STOCK) return await lineOf(app.db, shelf, order.id)
  const item = await readItem(app.db, BigInt(itemId))
  return item?.content ? openContent(shelf, item.id, item.content) : undefined
}
