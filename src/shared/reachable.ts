import { sql as q } from 'kysely'
import type { Sql } from './db/db.ts'

/**
 * The bot through which this deployment can tell a person something that concerns all bots: the one where it
 * happened, else the one they used last. @returns undefined when none of ours may write to them
 */
export async function reachableBot(
  sql: Sql,
  personId: bigint,
  preferred: string | null,
  own: readonly string[],
): Promise<string | undefined> {
  const [row] = await sql.rows(q<{ bot: string }>`
    select bot from bot_sessions
    where person_id = ${personId} and bot = any(${own}) and blocked_at is null
    order by bot is not distinct from ${preferred}::text desc, last_seen_at desc limit 1`)
  return row?.bot
}
