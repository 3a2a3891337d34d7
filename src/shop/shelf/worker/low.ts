import { sql as q } from 'kysely'
import type { Context } from '#shared/context.ts'
import { oweAdminAlert } from '#shared/notices.ts'
import { stock } from '../kinds/stock.ts'
import { shelfSql } from '../tables.ts'

/** Free lines of an item, counted up to one more than the low mark. */
const left = q<number>`(select count(*)::int from (
  select from shelf_lines where item_id = shelf_items.id and state = 'free' limit shelf_items.low + 1) free)`

/** Admins are told once when a stock runs low and once when it is empty, and again after each refill. */
export async function tellLow({ db, bots }: Pick<Context, 'db' | 'bots'>): Promise<void> {
  const items = await db.rows(
    shelfSql
      .selectFrom('shelf_items')
      .select(['id', 'name', 'bots', 'refills', 'told', left.as('left')])
      .where('kind', '=', stock.name)
      .where('retired', '=', false)
      // A stock that was never filled cannot run low.
      .where('refills', '>', 0)
      .where(q<boolean>`told is distinct from 'empty-' || refills`)
      .where(q<boolean>`${left} <= low`),
  )
  for (const item of items) {
    const empty = item.left === 0
    const level = empty ? 'empty' : 'low'
    const told = `${level}-${item.refills}`
    if (item.told === told) continue
    const about = (item.bots ?? [...bots.keys()]).map((one) => ({ name: one }))
    await db.tx(async (tx) => {
      await tx.rows(shelfSql.updateTable('shelf_items').set({ told }).where('id', '=', item.id))
      // Two processes may look at once; the alert's key makes one message of both.
      await oweAdminAlert(tx, about, {
        key: `shelf-${level}-${item.id}-${item.refills}`,
        text: empty ? 'alert-shelf-empty' : 'alert-shelf-low',
        params: { name: item.name, ...(empty ? {} : { count: item.left }) },
        buttons: [[['shelf-key-stock', 'a-item', String(item.id)]]],
      })
    })
  }
}
