import { sql as q } from 'kysely'
import { UserError } from '#shared/errors.ts'
import { LONGEST_HOURS, MOST_ASKS, areWhole, openAnswers, readAsk, serviceTermsOf } from '../asks.ts'
import { resultOf } from '../service-rows.ts'
import { shelfSql } from '../tables.ts'
import type { ItemKind } from './kind.ts'

const ASK = /^ask-([1-8])$/

/**
 * Work that an admin does for the buyer, who first answers the item's questions. When its time is over the money goes
 * back.
 */
export const service: ItemKind = {
  name: 'service',
  byHand: true,
  left: async () => undefined,
  promise: (item) => ({ hours: serviceTermsOf(item).hours }),
  asks: (item) => serviceTermsOf(item).asks,
  async begin(tx, item, { id, bot, given, shelf }) {
    const answers = given && openAnswers(shelf, id, given)
    if (!areWhole(answers, serviceTermsOf(item).asks)) throw new UserError('item.asks-changed')
    await tx.rows(
      shelfSql
        .insertInto('shelf_services')
        .values({
          order_id: id,
          item_id: item.id,
          bot,
          answers: given ?? shelf.encrypt(`shelf answers ${id}`, '{"asks":[],"values":[]}'),
        })
        .onConflict((row) => row.column('order_id').doNothing()),
    )
  },
  async take(tx, item, order) {
    const { hours } = serviceTermsOf(item)
    const [row] = await tx.rows(
      shelfSql
        .updateTable('shelf_services')
        .set({ due_at: q`now() + ${hours} * interval '1 hour'` })
        .where('order_id', '=', order.id)
        .returning('due_at as dueAt'),
    )
    return row!.dueAt!
  },
  replaceable: false,
  content: ({ db, shelf }, { id }) => resultOf(db, shelf, id),
  offer: (item) => ({ text: 'shelf-within-hours', params: { count: serviceTermsOf(item).hours } }),
  state: async (_sql, item) => {
    const { hours, asks } = serviceTermsOf(item)
    return { text: 'admin-item-service', params: { hours, count: asks.length } }
  },
  form: {
    text: 'admin-item-fields-service',
    has: (field) => field === 'hours' || ASK.test(field),
    read(fields, old) {
      const { hours, asks } = serviceTermsOf({ terms: old })
      const terms = { hours, asks: [...asks] }
      const typed = fields.get('hours')
      if (typed !== undefined) {
        if (!/^\d{1,4}$/.test(typed) || Number(typed) < 1 || Number(typed) > LONGEST_HOURS)
          throw new UserError('item.range', { what: 'hours', min: 1, max: LONGEST_HOURS })
        terms.hours = Number(typed)
      }
      const all = Array.from({ length: MOST_ASKS }, (_, at) => {
        const line = fields.get(`ask-${at + 1}`)
        if (line === undefined) return asks[at]
        return /^(no|нет|-|—)$/i.test(line) ? undefined : readAsk(line)
      })
      return { ...terms, asks: all.filter((one) => one !== undefined) }
    },
  },
}
