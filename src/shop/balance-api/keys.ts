import { createHash, randomBytes } from 'node:crypto'
import { balanceApiSql } from './tables.ts'
import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import { newId } from '#shared/ids.ts'
import { keyMostPerDay, keyMostPerEntry } from '#shared/settings/decisions.ts'
import type { Settings } from '#shared/settings/settings.ts'
import { ahead, NOW } from '#shared/db/build.ts'

export const KEY_SCOPES = ['read', 'write', 'sessions', 'codes'] as const
export type KeyScope = (typeof KEY_SCOPES)[number]

export interface ApiKey {
  id: string
  bot: string
  name: string
  scopes: KeyScope[]
  /** Requests a minute, over all gateways. */
  perMinute: number
  createdAt: Date
  lastUsedAt: Date | null
  revokedAt: Date | null
  expiresAt: Date | null
  /** The limit of one entry in kopecks by the reference rates, whatever the asset and the direction; null = no limit. */
  mostPerEntry: bigint | null
  mostPerDay: bigint | null
  /** The admin who made the key; null = the deployment's command made it. */
  createdBy: bigint | null
}

/** A key that nobody renews ends after a year. */
const LIFE_DAYS = 365
/**
 * An owner is told this long before a key ends, so that there is time to make a new one and to give it to the other
 * project.
 */
export const KEY_ENDS_DAYS = 14

/** The limits of a new key unless its maker sets others. */
export async function usualLimits(
  settings: Settings,
): Promise<Pick<ApiKey, 'expiresAt' | 'mostPerEntry' | 'mostPerDay'>> {
  return {
    expiresAt: new Date(Date.now() + LIFE_DAYS * 86_400_000),
    mostPerEntry: await settings.get(keyMostPerEntry),
    mostPerDay: await settings.get(keyMostPerDay),
  }
}

/** The hash that is stored instead of a key. A key holds 256 random bits, so one fast hash is enough. */
function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url')
}

/**
 * Registers the bot of another project. It gets the owners of the bot through which it was registered.
 * @returns false when a bot of this name exists
 */
export async function registerBot(tx: Sql, name: string, home?: string): Promise<boolean> {
  // By hand: the home is the home of another bot, read in the same statement.
  const rows = await tx.rows(q`
    insert into bots (name, home)
    values (${name}, (select coalesce(home, name) from bots where name = ${home ?? null}))
    on conflict (name) do nothing returning name`)
  return rows.length > 0
}

/**
 * Makes a key for a bot. When the bot lives in another project, its name is registered here.
 * @returns the key itself, which is shown once and stored nowhere
 */
export async function createKey(
  tx: Sql,
  wanted: {
    bot: string
    name: string
    scopes: readonly KeyScope[]
    perMinute: number
    by?: bigint
  } & Partial<Pick<ApiKey, 'expiresAt' | 'mostPerEntry' | 'mostPerDay'>>,
): Promise<{ id: string; key: string }> {
  await registerBot(tx, wanted.bot)
  const id = newId()
  const key = `tk_${randomBytes(32).toString('base64url')}`
  await tx.rows(
    balanceApiSql.insertInto('api_keys').values({
      id,
      bot: wanted.bot,
      name: wanted.name,
      hash: hashOf(key),
      scopes: [...wanted.scopes],
      per_minute: wanted.perMinute,
      created_by: wanted.by ?? null,
      expires_at: wanted.expiresAt ?? null,
      most_per_entry: wanted.mostPerEntry ?? null,
      most_per_day: wanted.mostPerDay ?? null,
    }),
  )
  return { id, key }
}

/** @returns false when the key does not exist or was revoked before */
export async function revokeKey(tx: Sql, id: string, by?: bigint): Promise<boolean> {
  const rows = await tx.rows(
    balanceApiSql
      .updateTable('api_keys')
      .set({ revoked_at: NOW, revoked_by: by ?? null })
      .where('id', '=', id)
      .where('revoked_at', 'is', null)
      .returning('id'),
  )
  return rows.length > 0
}

export function listKeys(sql: Sql): Promise<ApiKey[]> {
  return sql.rows(
    balanceApiSql
      .selectFrom('api_keys')
      .select(['id', 'bot', 'name', q.ref<KeyScope[]>('scopes').as('scopes'), 'per_minute as perMinute'])
      .select(['created_at as createdAt', 'last_used_at as lastUsedAt', 'revoked_at as revokedAt'])
      .select(['expires_at as expiresAt', 'created_by as createdBy'])
      .select(['most_per_entry as mostPerEntry', 'most_per_day as mostPerDay'])
      .orderBy('bot')
      .orderBy('created_at'),
  )
}

/** The valid keys whose end is near, each with the bot whose admins made it. */
export function endingKeys(sql: Sql): Promise<{ id: string; bot: string; home: string; until: Date }[]> {
  return sql.rows(
    balanceApiSql
      .selectFrom('api_keys as k')
      .innerJoin('bots as b', 'b.name', 'k.bot')
      .select((are) => ['k.id', 'k.bot', are.fn.coalesce('b.home', 'b.name').as('home')])
      .select((are) => are.ref('k.expires_at').$notNull().as('until'))
      .where('k.revoked_at', 'is', null)
      .where('k.expires_at', '>=', NOW)
      .where('k.expires_at', '<=', ahead(KEY_ENDS_DAYS, 'day')),
  )
}

/** Finds the valid key behind a text, with the state of its bot. Stores the time of its use, at most once a minute. */
export async function findKey(
  sql: Sql,
  key: string,
): Promise<
  | (Pick<ApiKey, 'id' | 'bot' | 'scopes' | 'perMinute' | 'mostPerEntry' | 'mostPerDay' | 'createdBy'> & {
      botState: string
    })
  | undefined
> {
  // By hand: the key is read and its use stored in one statement, for each call of the API.
  const [found] = await sql.rows(q<
    Pick<ApiKey, 'id' | 'bot' | 'scopes' | 'perMinute' | 'mostPerEntry' | 'mostPerDay' | 'createdBy'> & {
      botState: string
    }
  >`
    with used as (
      update api_keys set last_used_at = now()
      where hash = ${hashOf(key)} and revoked_at is null
        and (last_used_at is null or last_used_at < now() - interval '1 minute')
    )
    select k.id, k.bot, k.scopes, k.per_minute as "perMinute", k.most_per_entry as "mostPerEntry",
      k.most_per_day as "mostPerDay", k.created_by as "createdBy", b.state as "botState"
    from api_keys k join bots b on b.name = k.bot where k.hash = ${hashOf(key)} and k.revoked_at is null
      and (k.expires_at is null or k.expires_at > now())`)
  return found
}
