import type { Context } from '#shared/context.ts'
import { oweAdminAlert } from '#shared/notices.ts'
import { STOCK } from '../items.ts'
import { freeLines } from '../lines.ts'
import { shelfSql } from '../tables.ts'

/** Admins hear once of a stock that runs low and once of one that is empty, and anew after each refill. */
export async function tellLow({ db, bots }: Pick<Context, 'db' | 'bots'>): Promise<void> {
  const items = await db.rows(
    shelfSql
      .selectFrom('shelf_items')
      .select(['id', 'name', 'low', 'bots', 'refills'])
      .where('kind', '=', STOCK)
      .where('retired', '=', false)
      // One that nobody has filled yet runs out of nothing.
      .where('refills', '>', 0),
  )
  for (const { id, name, low, bots: names, refills } of items) {
    const left = await freeLines(db, id, low + 1)
    if (left > low) continue
    const about = (names ?? [...bots.keys()]).map((one) => ({ name: one }))
    const empty = left === 0
    await db.tx((tx) =>
      oweAdminAlert(tx, about, {
        key: `shelf-${empty ? 'empty' : 'low'}-${id}-${refills}`,
        text: empty ? 'alert-shelf-empty' : 'alert-shelf-low',
        params: { name, ...(empty ? {} : { count: left }) },
        buttons: [[['shelf-key-stock', 'a-item', String(id)]]],
      }),
    )
  }
}
