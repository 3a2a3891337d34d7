import { lockWord } from '#shared/db/lock.ts'
import type { Role } from '../roles.ts'
import { audit } from '../audit.ts'
import type { Context } from '../context.ts'
import { anyOf } from '../db/build.ts'
import type { Sql } from '../db/db.ts'
import { UserError } from '../errors.ts'
import { mayChangeForAll } from './for-all.ts'
import { keysOf } from './settings.ts'
import { settingsSql } from './tables.ts'
import { writeSetting } from './edit.ts'
import type { SettingEntry } from './edit.ts'
import type { StoredKey } from './settings.ts'

export interface SettingVersion {
  version: number
  /** undefined = the environment's value held. */
  value: unknown
  by: bigint | null
  at: Date
}

/** The last versions of a setting in one bot ('' = all bots), newest first. */
export async function settingVersions(
  sql: Sql,
  type: StoredKey,
  bot: string,
  limit: number,
): Promise<SettingVersion[]> {
  const rows = await sql.rows(
    settingsSql
      .selectFrom('settings_history')
      .select(['version', 'value', 'updated_by as by', 'updated_at as at'])
      .where('bot', '=', bot)
      .where('key', '=', anyOf(keysOf(type)))
      .orderBy('version', 'desc')
      .limit(limit),
  )
  return rows.map((row) => ({ ...row, value: row.value ?? undefined }))
}

export interface SettingMove {
  value: unknown
  /** '' = all bots. */
  bot: string
  by: bigint
  /** The version that the admin saw, 0 = none. */
  seen: number
  /** The name of this change in the audit log. */
  action: string
  /** What was changed, if not the setting itself. */
  target?: string
  /** Instead of the values before and after, where these are long. */
  details?: Record<string, unknown>
  /** The role that a change asks for in every bot when it holds for all of them. */
  minimum?: Role
}

/**
 * Keeps a checked value with its version and audit line, if nobody changed the setting since it was read, and if it is
 * not for somebody else's bots.
 * @throws UserError `setting.changed`, `setting.all-bots`
 */
export async function changeSetting(
  app: Pick<Context, 'config' | 'db' | 'settings' | 'bots'>,
  entry: SettingEntry,
  move: SettingMove,
): Promise<void> {
  const { key } = entry.type
  await app.db.tx(async (tx) => {
    await lockWord(tx, `setting ${key}`)
    if (move.bot === '' && !(await mayChangeForAll(tx, app, move.by, move.minimum)))
      throw new UserError('setting.all-bots')
    const [last] = await settingVersions(tx, entry.type, move.bot, 1)
    if ((last?.version ?? 0) !== move.seen) throw new UserError('setting.changed')
    await app.settings.set(tx, entry.type, { value: move.value, bot: move.bot, by: move.by })
    await audit(tx, {
      actor: move.by,
      action: move.action,
      target: move.target ?? `setting ${key}`,
      bot: move.bot || undefined,
      details: move.details ?? {
        from: last?.value === undefined ? null : writeSetting(entry, revive(entry, last.value)),
        to: move.value === undefined ? null : writeSetting(entry, move.value),
      },
    })
  })
  app.settings.forget()
}

/** Where a change goes, who makes it, and what they saw before it. */
type Step = Pick<SettingMove, 'bot' | 'by' | 'seen'>

/** Back to the version before the last: a new version with the old value. @throws UserError as changeSetting */
export async function undoSetting(
  app: Parameters<typeof changeSetting>[0],
  entry: SettingEntry,
  step: Step,
): Promise<void> {
  const [, before] = await settingVersions(app.db, entry.type, step.bot, 2)
  const value = before?.value === undefined ? undefined : revive(entry, before.value)
  await changeSetting(app, entry, { ...step, value, action: 'setting.undone' })
}

/** Back to what holds without a value there. @throws UserError as changeSetting */
export const resetSetting = (
  app: Parameters<typeof changeSetting>[0],
  entry: SettingEntry,
  step: Step,
): Promise<void> => changeSetting(app, entry, { ...step, value: undefined, action: 'setting' })

/** Turns a value that was kept as JSON into the setting's own type. */
export function revive(entry: SettingEntry, kept: unknown): unknown {
  const parsed = entry.type.schema.safeParse(kept)
  return parsed.success ? parsed.data : kept
}
