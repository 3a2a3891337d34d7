import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import { moveOrder } from '#shared/money/orders.ts'
import { owe } from '#shared/queue/outbox.ts'
import { shorten } from '#shared/storable.ts'
import { ahead, anyOf, detailsAnd } from '#shared/db/build.ts'
import { PICTURE } from './good.ts'
import { picturesSql } from './tables.ts'
import { resumePicture } from './jobs.ts'

/** Transfers take their time. The price and the model are kept for as long. */
const WAIT_HOURS = 24
/** Of a prompt on top of the menu. */
const TITLE_LENGTH = 60

/**
 * The balance is too small: the picture waits, as it is, for money.
 * @param agreed kopecks that may be taken for the tokens it lacks when the money has come
 */
export async function awaitMoney(tx: Sql, orderId: string, agreed: bigint, actor: string): Promise<void> {
  const [row] = await tx.rows(
    picturesSql.selectFrom('generations').select('prompt as shows').where('order_id', '=', orderId),
  )
  const set = { agreed: agreed.toString(), shows: shorten(row?.shows ?? '', TITLE_LENGTH) }
  if (await moveOrder(tx, orderId, 'awaiting_payment', { actor, from: ['draft'], set })) {
    await tx.rows(
      picturesSql
        .updateTable('orders')
        .set({ expires_at: ahead(WAIT_HOURS, 'hour') })
        .where('id', '=', orderId),
    )
    return
  }
  // Shown again when fewer tokens are left: what is asked for now is what may be taken.
  await tx.rows(
    picturesSql
      .updateTable('orders')
      .set({ details: detailsAnd(set) })
      .where('id', '=', orderId)
      .where('state', '=', 'awaiting_payment'),
  )
}

/** Kopecks that the person agreed to when the order began to wait. */
export async function agreedRoubles(sql: Sql, orderId: string): Promise<bigint> {
  const [row] = await sql.rows(
    picturesSql
      .selectFrom('orders')
      .select(q<string | null>`details ->> 'agreed'`.as('agreed'))
      .where('id', '=', orderId),
  )
  return BigInt(row?.agreed ?? 0)
}

/** The person thinks of something else: nothing was charged, and what was topped up stays. */
export async function stopWaiting(tx: Sql, orderId: string, actor: string, reason = ''): Promise<boolean> {
  return Boolean(await moveOrder(tx, orderId, 'cancelled', { actor, reason, from: ['awaiting_payment'] }))
}

/**
 * Pictures whose money came by a way that does not name them: a request by hand, a promo code, an admin. The same one is
 * tried anew only when money has moved since.
 */
export async function goOnWithPaid(sql: Sql, bots: readonly string[]): Promise<void> {
  const moved = await sql.rows(
    picturesSql
      .selectFrom('orders as o')
      .innerJoin('wallets as w', 'w.person_id', 'o.person_id')
      .select(({ fn }) => ['o.id as orderId', fn.max('w.updated_at').as('at')])
      .where('o.state', '=', q.lit('awaiting_payment'))
      .where('o.good', '=', PICTURE.kind)
      .where('o.bot', '=', anyOf(bots))
      .where('w.asset', 'in', ['TOK', 'RUB'])
      .whereRef('w.updated_at', '>', 'o.created_at')
      .groupBy('o.id')
      .limit(200),
  )
  for (const { orderId, at } of moved)
    await owe(sql, resumePicture, { orderId, paymentId: `balance-${at.getTime()}` })
}
