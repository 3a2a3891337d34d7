import { UserError } from '#shared/errors.ts'
import { isWithin, soldFile, withinBot } from '../files.ts'
import type { ItemKind } from './kind.ts'

/** One file for everybody; who has bought it gets it again whenever they like. */
export const file: ItemKind = {
  name: 'file',
  async left(sql, { id }, _most, bot) {
    const sent = await soldFile(sql, id)
    return sent && isWithin(sent, bot) ? undefined : 0
  },
  available: withinBot,
  async take(tx, { id }) {
    if (!(await soldFile(tx, id))) throw new UserError('item.sold-out')
  },
  replaceable: false,
  content: async ({ db }, _order, itemId) => (await soldFile(db, itemId))?.name,
  state: async (sql, { id }): ReturnType<ItemKind['state']> => {
    const sent = await soldFile(sql, id)
    return sent
      ? { text: 'admin-item-file', params: { name: sent.name, bot: sent.bot } }
      : { text: 'admin-item-no-file', params: {} }
  },
  fill: { text: 'shelf-key-file', route: 'a-item-file' },
}
