import { sql as q } from 'kysely'
import { jsonb } from '../db/build.ts'
import type { Sql } from '../db/db.ts'
import { takeKeys } from '../queue/jobs/orders.ts'
import { owe } from '../queue/outbox.ts'
import { moneySql } from './tables.ts'
import type { Card } from './tables.ts'

/**
 * Makes a message the card of an order or a payment. The message that was the card before loses its keys: nothing redraws
 * it any more. The new one is taken from navigation, which would delete it, in the same statement: if the end of the update
 * is lost, the session says no more what it said before.
 */
export async function moveCard(tx: Sql, table: 'orders' | 'payments', id: string, card: Card): Promise<void> {
  const [was] = await tx.rows(moneySql.selectFrom(table).select('card').where('id', '=', id).forUpdate())
  const change = moneySql
    .updateTable(table)
    .set({ card: jsonb(card) })
    .where('id', '=', id)
    .returning(['bot', 'person_id'])
  // By hand: it builds one statement upon another.
  await tx.rows(q`
    with carded as (${change})
    update bot_sessions s set session_data = session_data - 'anchor' from carded
    where s.bot = carded.bot and s.person_id = carded.person_id
      and session_data -> 'anchor' = to_jsonb(${card.messageId}::bigint)`)
  // A card's chat is always that of the person, whom the row names.
  const former = was?.card
  if (!former || former.messageId === card.messageId) return
  const row = table === 'orders' ? { orderId: id } : { paymentId: id }
  await owe(tx, takeKeys, { ...row, messageId: former.messageId }, { again: true })
}
