import { UserError } from '#shared/errors.ts'
import { codeOf, codesByState, makeCode, withdrawCode } from '../codes.ts'
import type { ItemKind } from './kind.ts'

/** A code of the shop's own, made when it is bought; another system takes it through the Balance API, once. */
export const code: ItemKind = {
  name: 'code',
  left: async () => undefined,
  take: (tx, { id }, order) => makeCode(tx, order.shelf, id, order.id),
  async withdraw(tx, orderId, reason) {
    if (!(await withdrawCode(tx, orderId, reason))) throw new UserError('item.code-used')
  },
  replaceable: true,
  content: ({ db, shelf }, { id }) => codeOf(db, shelf, id),
  async state(sql, { id }) {
    const { made = 0, used = 0, withdrawn = 0 } = await codesByState(sql, id)
    return { text: 'admin-item-codes', params: { made, used, withdrawn } }
  },
}
