import { sql as q } from 'kysely'
import { ahead, NOW } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import { LANGUAGE_READ } from '#shared/people.ts'
import type { Language } from '#shared/i18n/languages.ts'
import type { Role } from '#shared/roles.ts'
import { hashOf } from './hash.ts'
import type { SignedUser } from './init-data.ts'
import { webSql } from './tables.ts'

/** A page that stays open for longer must be opened anew, so that Telegram signs again who uses it. */
const HOURS = 12

/** Who has a page open, as things stand now. */
export interface SessionRow {
  bot: string
  personId: bigint
  username: string | null
  firstName: string
  /** The bot's own name in Telegram; null = never identified. */
  botUsername: string | null
  /** The language that was chosen in this bot, or else that of the person's Telegram; null = neither is known. */
  language: Language | null
  state: 'active' | 'paused' | 'parked' | 'removed'
  /** The role that an owner gave. Owners that the settings name may have no role here. */
  role: Role | null
  /** Why the person may not use the bots; null = they may. */
  banned: string | null
}

/**
 * Opens the one session that a signature is good for; the same key again is the same session. The person and their
 * session in the bot exist afterwards, with the names that Telegram signed.
 * @throws UserError `web.used` when another page has used the signature
 */
export async function openSession(
  tx: Sql,
  open: { key: string; bot: string; user: SignedUser; signature: string },
): Promise<void> {
  const { key, bot, user, signature } = open
  const personId = BigInt(user.id)
  // By hand: a row of tuples says whether anything is new.
  await tx.rows(q`
    insert into persons as p (id, username, first_name, last_name, language, is_premium)
    values (${user.id}, ${user.username ?? null}, ${user.first_name}, ${user.last_name ?? null},
            ${user.language_code ?? null}, ${user.is_premium ?? false})
    on conflict (id) do update set username = excluded.username, first_name = excluded.first_name,
      last_name = excluded.last_name, language = coalesce(excluded.language, p.language),
      is_premium = excluded.is_premium, updated_at = now()
    where (p.username, p.first_name, p.last_name, p.is_premium)
      is distinct from (excluded.username, excluded.first_name, excluded.last_name, excluded.is_premium)`)
  await tx.rows(
    webSql
      .insertInto('bot_sessions')
      .values({ bot, person_id: personId })
      .onConflict((there) =>
        there
          .columns(['bot', 'person_id'])
          .doUpdateSet({ claimed: false })
          .where(q.ref<boolean>('bot_sessions.claimed')),
      ),
  )
  // The table holds only hashes, of the signature as well, so that a backup holds nothing that Telegram signed.
  const [hash, signed] = [hashOf(key), hashOf(signature)]
  await tx.rows(
    webSql
      .insertInto('web_sessions')
      .values({ key_hash: hash, bot, person_id: personId, signed, expires_at: ahead(HOURS, 'hour') })
      .onConflict((there) => there.doNothing()),
  )
  const [mine] = await tx.rows(
    webSql
      .selectFrom('web_sessions')
      .select('bot')
      .where('key_hash', '=', hash)
      .where('bot', '=', bot)
      .where('signed', '=', signed),
  )
  if (!mine) throw new UserError('web.used')
}

/**
 * The session of this key, with the state of its bot and what its person is there: the language and the role. A change
 * holds from the next request on.
 */
export const openSessions = (table: 'web_sessions' | 'panel_sessions', key: string) =>
  webSql
    // Both tables have the columns that are named here.
    .selectFrom(`${table} as w` as 'web_sessions as w')
    .innerJoin('bots as b', 'b.name', 'w.bot')
    .innerJoin('persons as p', 'p.id', 'w.person_id')
    .leftJoin('bot_sessions as s', (on) =>
      on.onRef('s.bot', '=', 'w.bot').onRef('s.person_id', '=', 'w.person_id'),
    )
    .leftJoin('admins as a', (on) => on.onRef('a.bot', '=', 'w.bot').onRef('a.person_id', '=', 'w.person_id'))
    .select(['w.bot', 'w.person_id as personId', LANGUAGE_READ.as('language'), 'b.state', 'a.role'])
    .where('w.key_hash', '=', hashOf(key))
    .where('w.expires_at', '>', NOW)

/** @returns undefined when there is no such session (any more) */
export async function readWebSession(sql: Sql, key: string): Promise<SessionRow | undefined> {
  const [row] = await sql.rows(
    openSessions('web_sessions', key).select([
      'p.username',
      'p.first_name as firstName',
      'b.username as botUsername',
      q<string | null>`case when p.banned_at is not null then coalesce(p.ban_reason, '') end`.as('banned'),
    ]),
  )
  return row
}
