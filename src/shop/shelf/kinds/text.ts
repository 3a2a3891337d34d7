import { sql as q } from 'kysely'
import { UserError } from '#shared/errors.ts'
import { readItem } from '../items.ts'
import { openContent } from '../seal.ts'
import { filled } from './kind.ts'
import type { ItemKind } from './kind.ts'

/** The same text for everybody; who has bought it sees what it says today. */
export const text: ItemKind = {
  name: 'text',
  left: filled,
  available: () => q<boolean>`i.content is not null`,
  async take(_tx, { content }) {
    if (content === null) throw new UserError('item.sold-out')
  },
  replaceable: false,
  async content({ db, shelf }, _order, itemId) {
    const item = await readItem(db, itemId)
    return item?.content ? openContent(shelf, item.id, item.content) : undefined
  },
  state: async (_sql, { content }) => ({
    text: content === null ? 'admin-item-empty' : 'admin-item-filled',
    params: {},
  }),
  fill: { text: 'shelf-key-text', route: 'a-item-text' },
}
