import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import type { ApiContext } from './route.ts'
import { balanceApiSql } from './tables.ts'
import { writeJson } from '#shared/storable.ts'

type JsonData = Record<string, unknown>

/** What one bot keeps about one person. The version grows with every change. */
export interface BotSession {
  sessionData: JsonData
  statsData: JsonData
  version: number
}

const columns = ['session_data as sessionData', 'stats_data as statsData', 'version'] as const

export async function readSession(sql: Sql, bot: string, personId: bigint): Promise<BotSession | undefined> {
  const [found] = await sql.rows(
    balanceApiSql
      .selectFrom('bot_sessions')
      .select(columns)
      .where('bot', '=', bot)
      .where('person_id', '=', personId),
  )
  return found
}

/**
 * Whether this deployment runs the bot itself. Then its session holds what the bot has asked and waits for, and no
 * call may write there.
 */
export async function isServedHere(
  { config, db }: Pick<ApiContext, 'config' | 'db'>,
  bot: string,
): Promise<boolean> {
  if (config.bots.some(({ name }) => name === bot)) return true
  const known = await db.rows(
    balanceApiSql
      .selectFrom('bots')
      .select('name')
      .where('name', '=', bot)
      .where((build) => build.or([build('telegram_id', 'is not', null), build('home', 'is not', null)])),
  )
  return known.length > 0
}

/**
 * Stores the fields that a bot gives; fields that it leaves out stay. Creates the session where there is none.
 * @param change.version writes only if this is the version now; 0 = only if there is no session yet
 * @returns undefined when the session has another version
 */
export async function writeSession(
  sql: Sql,
  change: {
    bot: string
    personId: bigint
    sessionData?: JsonData
    statsData?: JsonData
    version?: number
  },
): Promise<BotSession | undefined> {
  const { bot, personId, version } = change
  const session = q`${change.sessionData === undefined ? null : writeJson(change.sessionData)}::jsonb`
  const stats = q`${change.statsData === undefined ? null : writeJson(change.statsData)}::jsonb`
  const or = (value: RawBuilder<unknown>, otherwise: RawBuilder<unknown>): RawBuilder<JsonData> =>
    q`coalesce(${value}, ${otherwise})`
  const given = {
    bot,
    person_id: personId,
    session_data: or(session, q`'{}'`),
    stats_data: or(stats, q`'{}'`),
  }
  const changed = {
    session_data: or(session, q.ref('bot_sessions.session_data')),
    stats_data: or(stats, q.ref('bot_sessions.stats_data')),
    version: q<number>`bot_sessions.version + 1`,
  }
  const insert = balanceApiSql.insertInto('bot_sessions').values(given).returning(columns)
  const [kept] = await sql.rows(
    version === 0
      ? insert.onConflict((there) => there.doNothing())
      : version === undefined
        ? insert.onConflict((there) => there.columns(['bot', 'person_id']).doUpdateSet(changed))
        : balanceApiSql
            .updateTable('bot_sessions')
            .set(changed)
            .where('bot', '=', bot)
            .where('person_id', '=', personId)
            .where('version', '=', version)
            .returning(columns),
  )
  return kept
}
