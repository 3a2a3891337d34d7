import { sql as q } from 'kysely'
import type { Reads, Sql } from '#shared/db/db.ts'
import { among } from '#shared/owners.ts'
import type { Served } from '#shared/owners.ts'
import type { Secrets } from '#shared/secrets.ts'
import { openAnswers } from './asks.ts'
import type { Answers } from './asks.ts'
import { shelfSql } from './tables.ts'

/* Reads of the rows of services, for buyers, admins and the timer. */

export interface Service {
  orderId: string
  dueAt: Date | null
  takenBy: bigint | null
}

export async function readService(sql: Sql, orderId: string): Promise<Service | undefined> {
  const [row] = await sql.rows(
    shelfSql
      .selectFrom('shelf_services')
      .select(['order_id as orderId', 'due_at as dueAt', 'taken_by as takenBy'])
      .where('order_id', '=', orderId),
  )
  return row
}

/** The buyer's answers in clear text, for the buyer and the admin who does the work. */
export async function answersOf(sql: Sql, shelf: Secrets, orderId: string): Promise<Answers | undefined> {
  const [row] = await sql.rows(
    shelfSql.selectFrom('shelf_services').select('answers').where('order_id', '=', orderId),
  )
  return row && openAnswers(shelf, orderId, row.answers)
}

/** What the admin wrote to the buyer when the service was done. */
export async function resultOf(sql: Sql, shelf: Secrets, orderId: string): Promise<string | undefined> {
  const [row] = await sql.rows(
    shelfSql.selectFrom('shelf_services').select('result').where('order_id', '=', orderId),
  )
  return row?.result ? shelf.decrypt(`shelf result ${orderId}`, row.result) : undefined
}

/**
 * Paid services that wait for admins, the most urgent first.
 * @param page from a position on, or behind an order
 */
export function openServices(
  sql: Reads,
  served: Served,
  { limit, offset = 0, after }: { limit: number; offset?: number; after?: string | undefined },
) {
  let found = shelfSql
    .selectFrom('shelf_services')
    .select(['order_id as orderId', 'item_id as itemId', 'bot', 'due_at as dueAt', 'taken_by as takenBy'])
    .where(open(served))
  if (after !== undefined)
    found = found.where(
      q<boolean>`(due_at, order_id) > (select due_at, order_id from shelf_services where order_id = ${after})`,
    )
  return sql.rows(found.orderBy('due_at').orderBy('order_id').limit(limit).offset(offset))
}

export async function countServices(sql: Sql, served: Served): Promise<number> {
  const [row] = await sql.rows(
    shelfSql
      .selectFrom('shelf_services')
      .select(({ fn }) => fn.countAll<bigint>().as('count'))
      .where(open(served)),
  )
  return Number(row!.count)
}

const open = (served: Served) =>
  q<boolean>`ended_at is null and due_at is not null and ${among(q`bot`, served)}`
