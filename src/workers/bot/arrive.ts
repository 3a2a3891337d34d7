import type { User } from 'grammy/types'
import type { Role } from '#shared/roles.ts'
import type { Sql } from '#shared/db/db.ts'
import type { Session } from './chat.ts'
import { writeJson } from '#shared/storable.ts'

/** What the database knows of somebody who just wrote or pressed something. */
export interface Arrival {
  /** This very update was handled before. */
  handled: boolean
  isNew: boolean
  /** Chosen in this bot, else undefined. */
  language: string | null
  /** Given by an owner; owners by the settings may have none. */
  role: Role | null
  /** Why the person may not use the bots; null = they may. */
  banned: string | null
  /** What they have, minor units as text by asset: the last known balance should the database go away. */
  available: Record<string, string>
  /** Of this bot, as its owner left it. */
  state: 'active' | 'paused' | 'parked' | 'removed'
  session: Session
}

/**
 * One round trip for every update, whose answer says whether the update was handled already. Of who came, the person
 * and their session in this bot exist afterwards, and their names are up to date.
 * @param came whether the person did it in their private chat with the bot; if Telegram only tells of them, nobody is
 *   made or unblocked by it
 * @returns undefined when Telegram tells of somebody who never came
 */
export async function arrive(
  sql: Sql,
  bot: string,
  updateId: number,
  from: User,
  came: boolean,
): Promise<Arrival | undefined> {
  const [row] = await sql.rows<Arrival>({
    name: 'arrive',
    text: `
      with person as (
        insert into persons as p (id, username, first_name, last_name, language, is_premium)
        select $3::bigint, $4, $5, $6, $7, $8::boolean where $9::boolean
        on conflict (id) do update set username = excluded.username, first_name = excluded.first_name,
          last_name = excluded.last_name, language = excluded.language, is_premium = excluded.is_premium,
          updated_at = now()
        where (p.username, p.first_name, p.last_name, p.language, p.is_premium)
          is distinct from (excluded.username, excluded.first_name, excluded.last_name, excluded.language, excluded.is_premium)
      ), guest as (
        insert into bot_sessions (bot, person_id) select $1, $3 where $9
        on conflict (bot, person_id) do update set last_seen_at = now(), blocked_at = null
        returning language, session_data, created_at = last_seen_at as is_new
      ), session as (
        select * from guest
        union all
        select language, session_data, false from bot_sessions where bot = $1 and person_id = $3 and not $9
      )
      select exists (select from handled_updates where bot = $1 and update_id = $2) as handled,
             (select state from bots where name = $1) as state,
             is_new as "isNew", language, session_data as session,
             (select role from admins where bot = $1 and person_id = $3) as role,
             (select coalesce(ban_reason, '') from persons where id = $3 and banned_at is not null) as banned,
             (select coalesce(jsonb_object_agg(asset, available::text), '{}') from wallets
              where person_id = $3 and available > 0) as available
      from session`,
    values: [
      bot,
      updateId,
      from.id,
      from.username ?? null,
      from.first_name,
      from.last_name ?? null,
      from.language_code ?? null,
      from.is_premium ?? false,
      came,
    ],
  })
  return row
}

/** The update is over: never again, and what the bot remembers is kept, in one statement. */
export async function finishUpdate(
  sql: Sql,
  bot: string,
  updateId: number,
  personId: bigint,
  session: Session,
): Promise<void> {
  await sql.rows({
    name: 'finish',
    text: `
      with done as (
        insert into handled_updates (bot, update_id) values ($1, $2) on conflict do nothing
      )
      update bot_sessions set session_data = $4::jsonb, version = version + 1
      where bot = $1 and person_id = $3 and session_data <> $4::jsonb`,
    values: [bot, updateId, personId, writeJson(session)],
  })
}

/** An update that was asked again is only remembered. */
export async function skip(sql: Sql, bot: string, updateId: number): Promise<void> {
  await sql.rows({
    text: 'insert into handled_updates (bot, update_id) values ($1, $2) on conflict do nothing',
    values: [bot, updateId],
  })
}
