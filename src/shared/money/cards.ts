import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import { jsonb } from '../db/build.ts'
import { lockWord } from '../db/lock.ts'
import type { Sql } from '../db/db.ts'
import { changeOfSession } from '../people.ts'
import { takeKeys } from '../queue/jobs/orders.ts'
import { owe } from '../queue/outbox.ts'
import { moneySql } from './tables.ts'
import type { Card } from './tables.ts'

type Carded = 'orders' | 'payments'

/** A message of one bot. Two bots number the messages of a person each for itself. */
export interface CardPlace extends Card {
  bot: string
}

/**
 * Makes a message the card of an order or a payment, and of no other: a late job for the row that it showed before would
 * write that row over this one. The message that was the card before loses its keys: nothing redraws it any more. The new
 * one is taken from navigation, which would delete it, in the same statement: if the end of the update is lost, the session
 * says no more what it said before.
 *
 * A row is redrawn by its own bot in its own person's chat. A message elsewhere shows the row once and is no card.
 * @returns whether the message showed another row until now, which a job may be drawing at this moment
 */
export async function moveCard(
  tx: Sql,
  table: Carded,
  id: string,
  { bot, chatId, messageId }: CardPlace,
): Promise<boolean> {
  // Two rows that want one message at once come one after another, so that the second sees that the first has it.
  await lockWord(tx, `card ${bot} ${chatId} ${messageId}`)
  const [was] = await tx.rows(
    moneySql
      .selectFrom(table)
      .select('card')
      .where('id', '=', id)
      .where('bot', '=', bot)
      .where('person_id', '=', BigInt(chatId))
      .forUpdate(),
  )
  const place = { bot, chatId, messageId }
  if (!was) return await leaveMessage(tx, place)
  const { card: former } = was
  const [row] = await tx.rows(
    moneySql
      .with('carded', () =>
        moneySql
          .updateTable(table)
          .set({ card: jsonb({ chatId, messageId }) })
          .where('id', '=', id),
      )
      .with('kept', () =>
        changeOfSession({ bot, personId: BigInt(chatId) })
          .set({ session_data: q`session_data - 'anchor'` })
          .where(q<boolean>`session_data -> 'anchor' = to_jsonb(${messageId}::bigint)`),
      )
      .with('left_orders', () => leaves('orders', place, table === 'orders' ? id : ''))
      .with('left_payments', () => leaves('payments', place, table === 'payments' ? id : ''))
      .selectNoFrom((is) =>
        is
          .or([
            is.exists(is.selectFrom('left_orders').select('left_orders.id')),
            is.exists(is.selectFrom('left_payments').select('left_payments.id')),
          ])
          .as('taken'),
      ),
  )
  if (former && former.messageId !== messageId) {
    const shown = table === 'orders' ? { orderId: id } : { paymentId: id }
    await owe(tx, takeKeys, { ...shown, messageId: former.messageId }, { again: true })
  }
  return Boolean(row!.taken)
}

/** The message shows no order and no payment that would be redrawn in it. @returns whether it did until now */
export async function leaveMessage(tx: Sql, place: CardPlace): Promise<boolean> {
  const orders = await tx.rows(leaves('orders', place))
  const payments = await tx.rows(leaves('payments', place))
  return orders.length + payments.length > 0
}

/** Whether the message is the card of an order or a payment. */
export async function isSomeCard(sql: Sql, { bot, chatId, messageId }: CardPlace): Promise<boolean> {
  const cards = await sql.rows(
    moneySql.selectNoFrom((are) =>
      (['orders', 'payments'] as const).map((table) =>
        are
          .exists(
            are
              .selectFrom(table)
              .select('id')
              .where('person_id', '=', BigInt(chatId))
              .where('bot', '=', bot)
              .where(isCardOf(messageId)),
          )
          .as(table),
      ),
    ),
  )
  return cards.some(({ orders, payments }) => Boolean(orders) || Boolean(payments))
}

/** A condition that the index answers. The card's chat is always that of the row's person. */
const isCardOf = (messageId: number): RawBuilder<boolean> =>
  q<boolean>`card -> 'messageId' = to_jsonb(${messageId}::bigint)`

/** Every row but this one whose card the message is. An index has a person's cards by their message. */
const leaves = (table: Carded, { bot, chatId, messageId }: CardPlace, but = '') =>
  moneySql
    .updateTable(table)
    .set({ card: null })
    .where('person_id', '=', BigInt(chatId))
    .where('bot', '=', bot)
    .where(isCardOf(messageId))
    .where('id', '<>', but)
    .returning('id')

/**
 * The same as the part of a statement that has made payments with their cards, as rows `made (person_id, bot, card)`. Each
 * message is looked up by itself, and the updates are begun only where one was found: as joins they were planned by what the
 * planner knew of empty tables, and read all of them at each press until somebody analyzed the tables.
 */
export const LEFT_BY_OTHERS = q`, others as materialized (
    select array(select o.id from orders o where ${isShown('o')}) as orders,
           array(select p.id from payments p where ${isShown('p')}) as payments
    from made m
  ), left_orders as (
    update orders set card = null
    where exists (select from others where orders <> '{}') and id = any(array(select unnest(orders) from others))
  ), left_payments as (
    update payments set card = null
    where exists (select from others where payments <> '{}') and id = any(array(select unnest(payments) from others))
  )`

function isShown(row: string): RawBuilder<boolean> {
  const r = q.ref(row)
  return q`${r}.person_id = m.person_id and ${r}.bot = m.bot and ${r}.card -> 'messageId' = m.card -> 'messageId'`
}
