import { sql as q } from 'kysely'
import { anyOf, NOW } from '../db/build.ts'
import { lockWord } from '#shared/db/lock.ts'
import type { z } from 'zod'
import type { Config } from '../config/config.ts'
import type { Sql } from '../db/db.ts'
import { writeJson } from '../storable.ts'
import { settingsSql } from './tables.ts'

export interface StoredKey {
  /** Words joined by dashes. */
  key: string
  /** The former key of this value: it is still read, and the next change deletes it. */
  formerly?: string
}

/** A setting that admins change at run time; until they do, the environment's value holds. */
export interface SettingType<Value> extends StoredKey {
  schema: z.ZodType<Value>
  fallback(config: Config): Value
  /**
   * What must hold between this setting and others, looked at before each change for every bot that it reaches.
   * @param get the values as they would be in that bot
   * @param bot '' = every bot without values of its own
   * @throws UserError when it does not hold
   */
  together?(get: GetSetting, bot: string, world: World): void | Promise<void>
}

/** Reads a setting as it would be in one bot. */
export type GetSetting = <Value>(type: SettingType<Value>) => Value

/** The values of other bots, because people spend in one bot what they got in another. */
export interface World {
  /** The values in every bot that has its own, and those of all other bots. */
  everywhere: readonly GetSetting[]
  sql: Sql
}

export function defineSetting<Value>(type: SettingType<Value>): SettingType<Value> {
  return type
}

/** Reads the settings as they were at one moment, as `get` does. */
export type Snapshot = <Value>(type: SettingType<Value>, bot?: string) => Value

export interface Settings {
  /** The bot's own value, else the one for all bots, else the environment's. At most 2 s old. */
  get<Value>(type: SettingType<Value>, bot?: string): Promise<Value>
  /**
   * All values as they are now. A transaction takes them before it begins: inside, get() would ask for a second
   * connection, and when all of the pool are in transactions, each of them waits for the others.
   */
  snapshot(): Promise<Snapshot>
  /** The value as this transaction sees it, for whoever changes it there. */
  now<Value>(sql: Sql, type: SettingType<Value>, bot: string): Promise<Value>
  /** Where get() has its value from. */
  origin<Value>(type: SettingType<Value>, bot?: string): Promise<'bot' | 'all' | 'default'>
  /** Forgets what was read, because a change was committed since. */
  forget(): void
  /**
   * @param change without one the values are looked at as they are: those of the environment may have changed
   * @throws UserError when the value would not go together with other settings: see SettingType
   */
  check<Value>(sql: Sql, type: SettingType<Value>, change?: Omit<SettingChange<Value>, 'by'>): Promise<void>
  /** Checks and keeps a new value with its history. `value` undefined = back to the environment's. */
  set<Value>(sql: Sql, type: SettingType<Value>, change: SettingChange<Value>): Promise<void>
}

export interface SettingChange<Value> {
  value: Value | undefined
  bot?: string
  by: bigint
}

const FRESH_MS = 2_000

export function createSettings(sql: Sql, config: Config): Settings {
  let read: { at: number; values: Promise<Map<string, unknown>> } | undefined

  const all = (): Promise<Map<string, unknown>> => {
    if (!read || performance.now() - read.at > FRESH_MS) {
      const earlier = read?.values
      // With the database away the last values hold; without any, the caller learns that it is away.
      const values = load(sql).catch((error: unknown) => earlier ?? Promise.reject(error))
      read = { at: performance.now(), values }
      values.catch(() => (read = undefined))
    }
    return read.values
  }
  const valueIn = <Value>(values: Map<string, unknown>, type: SettingType<Value>, bot: string): Value => {
    const kept = keptIn(values, type, bot) ?? keptIn(values, type, '')
    const parsed = type.schema.safeParse(kept)
    return kept !== undefined && parsed.success ? parsed.data : type.fallback(config)
  }
  const check: Settings['check'] = async (sql, type, change) => {
    if (!type.together) return
    const values = await load(sql)
    const { value, bot = '' } = change ?? { value: keptIn(values, type, '') }
    for (const key of keysOf(type)) values.delete(`${bot}/${key}`)
    if (value !== undefined) values.set(`${bot}/${type.key}`, value)
    // A value for all bots also meets what single bots have of their own.
    const own = [...values.keys()].map((name) => name.slice(0, name.indexOf('/')))
    const all = [...new Set(['', ...own])]
    const inBot =
      (one: string): GetSetting =>
      (other) =>
        valueIn(values, other, one)
    const world = { everywhere: all.map(inBot), sql }
    for (const one of bot === '' ? all : [bot]) await type.together(inBot(one), one, world)
  }
  return {
    async get(type, bot = '') {
      return valueIn(await all(), type, bot)
    },
    async snapshot() {
      const values = await all()
      return (type, bot = '') => valueIn(values, type, bot)
    },
    async now(tx, type, bot) {
      return valueIn(await load(tx), type, bot)
    },
    async origin(type, bot = '') {
      const values = await all()
      if (bot !== '' && keptIn(values, type, bot) !== undefined) return 'bot'
      return keptIn(values, type, '') === undefined ? 'default' : 'all'
    },
    forget() {
      read = undefined
    },
    check,
    async set(tx, type, { value, bot = '', by }) {
      // When two changes only clash together, the second must see the first.
      if (type.together) await lockWord(tx, 'settings together')
      await check(tx, type, { value, bot })
      const json = value === undefined ? null : writeJson(type.schema.parse(value))
      // By hand: the next number is counted where it is written.
      await tx.rows(q`
        insert into settings_history (bot, key, value, version, updated_by)
        select ${bot}, ${type.key}, ${json}::jsonb,
               coalesce((select max(version) from settings_history where bot = ${bot} and key = any(${keysOf(type)})), 0) + 1, ${by}`)
      const over = json === null ? keysOf(type) : keysOf(type).slice(1)
      if (over.length > 0)
        await tx.rows(
          settingsSql.deleteFrom('settings').where('bot', '=', bot).where('key', '=', anyOf(over)),
        )
      if (json !== null) {
        const row = { value: q<unknown>`${json}::jsonb`, updated_by: by }
        await tx.rows(
          settingsSql
            .insertInto('settings')
            .values({ bot, key: type.key, ...row })
            .onConflict((there) =>
              there.columns(['bot', 'key']).doUpdateSet((are) => ({
                ...row,
                version: are('settings.version', '+', 1),
                updated_at: NOW,
              })),
            ),
        )
      }
      read = undefined
    },
  }
}

/** The key that a setting is written under, then the one that it may be kept under. */
export const keysOf = ({ key, formerly }: StoredKey): string[] =>
  formerly === undefined ? [key] : [key, formerly]

function keptIn(values: Map<string, unknown>, type: StoredKey, bot: string): unknown {
  const key = keysOf(type).find((one) => values.has(`${bot}/${one}`))
  return key === undefined ? undefined : values.get(`${bot}/${key}`)
}

async function load(sql: Sql): Promise<Map<string, unknown>> {
  const rows = await sql.rows(settingsSql.selectFrom('settings').select(['bot', 'key', 'value']))
  return new Map(rows.map(({ bot, key, value }) => [`${bot}/${key}`, value]))
}
