import { sql as q } from 'kysely'
import type { Sql } from './db/db.ts'
import { languageOf } from './i18n/texts.ts'
import type { Language } from './i18n/texts.ts'
import { LANGUAGE_READ } from './people.ts'

/**
 * The bot through which a person can be told something that concerns all bots (the one where it happened, else the
 * one they used last), and the language they read there. Bots that only call the API cannot tell anything.
 * @returns undefined when no bot may write to them
 */
export async function reachableBot(
  sql: Sql,
  personId: bigint,
  preferred: string | null,
): Promise<{ bot: string; language: Language } | undefined> {
  const [row] = await sql.rows(q<{ bot: string; language: Language | null }>`
    select s.bot, ${LANGUAGE_READ} as language
    from bot_sessions s join persons p on p.id = s.person_id join bots b on b.name = s.bot
    where s.person_id = ${personId} and s.blocked_at is null and b.telegram_id is not null and b.state = 'active'
    order by s.bot is not distinct from ${preferred}::text desc, s.last_seen_at desc limit 1`)
  return row && { bot: row.bot, language: row.language ?? languageOf(null) }
}
