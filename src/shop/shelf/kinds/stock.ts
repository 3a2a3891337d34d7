import { sql as q } from 'kysely'
import { UserError } from '#shared/errors.ts'
import {
  freeLines,
  giveLineBack,
  lineOf,
  linesByState,
  setLineAside,
  takeLine,
  withdrawLine,
} from '../lines.ts'
import type { ItemKind } from './kind.ts'

/** A stock of lines: each buyer gets a line that nobody else gets. */
export const stock: ItemKind = {
  name: 'stock',
  left: (sql, { id }, most) => freeLines(sql, id, most),
  available: () => q<boolean>`exists (select from shelf_lines l where l.item_id = i.id and l.state = 'free')`,
  setAside: (tx, { id }, orderId, minutes) => setLineAside(tx, id, orderId, minutes),
  giveBack: giveLineBack,
  async take(tx, { id }, order) {
    if ((await takeLine(tx, id, order.id)) === undefined) throw new UserError('item.sold-out')
  },
  async withdraw(tx, orderId, reason) {
    if (!(await withdrawLine(tx, orderId, reason))) throw new UserError('order.moved')
  },
  replaceable: true,
  content: ({ db, shelf }, { id }) => lineOf(db, shelf, id),
  async state(sql, { id, low, retired }) {
    const lines = await linesByState(sql, id)
    const of = (state: string) => lines[state] ?? 0
    const params = {
      free: of('free'),
      reserved: of('reserved'),
      sold: of('sold'),
      withdrawn: of('withdrawn'),
      low,
    }
    // What is off sale may run out.
    if (retired || params.free > low) return { text: 'admin-item-stock', params }
    return { text: params.free === 0 ? 'admin-item-stock-empty' : 'admin-item-stock-low', params }
  },
  fill: { text: 'shelf-key-fill', route: 'a-item-stock' },
}
