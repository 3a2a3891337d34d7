import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import { awaitMoney } from '#shared/money/waiting.ts'
import { shorten } from '#shared/storable.ts'
import { picturesSql } from './tables.ts'

/** Characters of the prompt that stand on top of the menu. */
const TITLE_LENGTH = 60

/** The balance is too small, so the picture waits unchanged for money. */
export async function awaitPictureMoney(
  tx: Sql,
  orderId: string,
  agreed: bigint,
  actor: string,
): Promise<void> {
  const [row] = await tx.rows(
    picturesSql.selectFrom('generations').select('prompt as shows').where('order_id', '=', orderId),
  )
  const details = { shows: shorten(row?.shows ?? '', TITLE_LENGTH) }
  await awaitMoney(tx, orderId, { actor, agreed, details })
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
