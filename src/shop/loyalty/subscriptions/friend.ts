import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import { personIdIn } from '#shared/ids.ts'
import { loyaltySql } from '../tables.ts'

/**
 * Who gets a plan as a gift, by a number or a name.
 * @throws UserError `subscription.friend` when the shop knows nobody of that name, or it is the giver
 */
export async function readFriend(
  sql: Sql,
  giver: bigint,
  typed: string,
): Promise<{ id: bigint; name: string }> {
  const text = typed.trim()
  const friendId = personIdIn(text)
  const named = friendId
    ? q<boolean>`id = ${friendId}`
    : q<boolean>`lower(username) = lower(${text.replace(/^@/, '')})`
  // When a name moved from one person to another, our tables hold it at both. The person who had it last is meant.
  const [friend] = await sql.rows(
    loyaltySql
      .selectFrom('persons')
      .select(['id', q<string>`coalesce(nullif(first_name, ''), username, id::text)`.as('name')])
      .where(named)
      .orderBy('updated_at', 'desc')
      .limit(1),
  )
  if (!friend || friend.id === giver) throw new UserError('subscription.friend')
  return friend
}
