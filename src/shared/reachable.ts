import { sql as q } from 'kysely'
import { literal } from './db/build.ts'
import type { Sql } from './db/db.ts'
import { languageOf } from './i18n/languages.ts'
import type { Language } from './i18n/languages.ts'
import { LANGUAGE_READ } from './people.ts'
import { sharedSql } from './tables.ts'

/**
 * The bot through which a person is told about something that concerns all bots, and the language they read there: the
 * bot where it happened, else the one they used last. Bots that only use the API cannot send messages.
 * @returns undefined when no bot may write to the person
 */
export async function reachableBot(
  sql: Sql,
  personId: bigint,
  preferred: string | null,
): Promise<{ bot: string; language: Language } | undefined> {
  const [row] = await sql.rows(
    sharedSql
      .selectFrom('bot_sessions as s')
      .innerJoin('persons as p', 'p.id', 's.person_id')
      .innerJoin('bots as b', 'b.name', 's.bot')
      .select(['s.bot', LANGUAGE_READ.as('language')])
      .where('s.person_id', '=', personId)
      .where('s.blocked_at', 'is', null)
      .where('b.telegram_id', 'is not', null)
      .where('b.state', '=', literal('active'))
      .orderBy(q<boolean>`s.bot is not distinct from ${preferred}::text`, 'desc')
      .orderBy('s.last_seen_at', 'desc')
      .limit(1),
  )
  return row && { bot: row.bot, language: row.language ?? languageOf(null) }
}

/** Whether the person reads nothing of this bot, as far as Telegram has said. */
export async function hasBlocked(
  sql: Sql,
  { personId, bot }: { personId: bigint; bot: string },
): Promise<boolean> {
  const gone = await sql.rows(
    sharedSql
      .selectFrom('bot_sessions')
      .select('bot')
      .where('person_id', '=', personId)
      .where('bot', '=', bot)
      .where('blocked_at', 'is not', null),
  )
  return gone.length > 0
}
