import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import type { ApiContext } from './route.ts'
import { writeJson } from '#shared/storable.ts'

/** What one bot keeps of one person. The version grows with every change. */
export interface BotSession {
  sessionData: Record<string, unknown>
  statsData: Record<string, unknown>
  version: number
}

const columns = q`session_data as "sessionData", stats_data as "statsData", version`

export async function readSession(sql: Sql, bot: string, personId: bigint): Promise<BotSession | undefined> {
  const [found] = await sql.rows(
    q<BotSession>`select ${columns} from bot_sessions where bot = ${bot} and person_id = ${personId}`,
  )
  return found
}

/** A session of a bot that this deployment runs is what the bot itself asked and waits for: nobody else writes there. */
export async function isServedHere(
  { config, db }: Pick<ApiContext, 'config' | 'db'>,
  bot: string,
): Promise<boolean> {
  if (config.bots.some(({ name }) => name === bot)) return true
  const known = await db.rows(q`
    select 1 from bots where name = ${bot} and (telegram_id is not null or home is not null)`)
  return known.length > 0
}

/**
 * Keeps what a bot gives; what it leaves out stays. Creates the session.
 * @param change.version only if this is the version now; 0 = only if there is no session yet
 * @returns undefined when it is another version
 */
export async function writeSession(
  sql: Sql,
  change: {
    bot: string
    personId: bigint
    sessionData?: Record<string, unknown>
    statsData?: Record<string, unknown>
    version?: number
  },
): Promise<BotSession | undefined> {
  const { bot, personId, version } = change
  const session = change.sessionData === undefined ? null : writeJson(change.sessionData)
  const stats = change.statsData === undefined ? null : writeJson(change.statsData)
  const insert = q`
    insert into bot_sessions as s (bot, person_id, session_data, stats_data)
    values (${bot}, ${personId}, coalesce(${session}::jsonb, '{}'), coalesce(${stats}::jsonb, '{}'))`
  const update = q`
    session_data = coalesce(${session}::jsonb, s.session_data), stats_data = coalesce(${stats}::jsonb, s.stats_data),
    version = s.version + 1`
  const [kept] = await sql.rows(
    version === 0
      ? q<BotSession>`${insert} on conflict do nothing returning ${columns}`
      : version === undefined
        ? q<BotSession>`${insert} on conflict (bot, person_id) do update set ${update} returning ${columns}`
        : q<BotSession>`
            update bot_sessions s set ${update}
            where bot = ${bot} and person_id = ${personId} and version = ${version} returning ${columns}`,
  )
  return kept
}
