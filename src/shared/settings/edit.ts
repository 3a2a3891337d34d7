import { sql as q } from 'kysely'
import { audit } from '../audit.ts'
import type { Db, Sql } from '../db/db.ts'
import { UserError } from '../errors.ts'
import { formatAmount, isAsset, parseAmount } from '../money.ts'
import type { Asset } from '../money.ts'
import type { SettingType, Settings } from './settings.ts'

/** How admins read and type a setting's value. */
export type SettingForm =
  | { kind: 'integer' | 'integers' | 'flag' | 'text' | 'json' }
  /** Minor units as bigint, typed as a sum. */
  | { kind: 'money'; asset: Asset }
  /** Sums by asset: `TOK 1000, RUB 5000`. */
  | { kind: 'amounts' }

/** A setting that the panel shows; its title is the text `setting-<key>`. */
export interface SettingEntry {
  type: SettingType<unknown>
  form: SettingForm
}

/** Binds a setting to the way it is typed. */
export function editable<Value>(type: SettingType<Value>, form: SettingForm): SettingEntry {
  return { type: type as SettingType<unknown>, form }
}

/**
 * Reads what an admin typed and checks it as the setting does.
 * @throws UserError `setting.invalid`, `amount.invalid`, `amount.range`
 */
export function readSetting(entry: SettingEntry, text: string): unknown {
  const parsed = entry.type.schema.safeParse(parse(entry.form, text.trim()))
  if (!parsed.success) throw new UserError('setting.invalid', { text: text.slice(0, 60) })
  return parsed.data
}

function parse(form: SettingForm, text: string): unknown {
  switch (form.kind) {
    case 'integer':
      return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined
    case 'integers':
      return text
        .split(/[\s,;]+/)
        .filter(Boolean)
        .map((one) => (/^\d{1,15}$/.test(one) ? Number(one) : undefined))
    case 'flag':
      return /^(да|вкл|yes|on|true|1)$/i.test(text)
        ? true
        : /^(нет|выкл|no|off|false|0)$/i.test(text)
          ? false
          : undefined
    case 'text':
      return text
    case 'money':
      return parseAmount(text, form.asset)
    case 'amounts':
      return amountsOf(text)
    case 'json':
      try {
        return JSON.parse(text) as unknown
      } catch {
        return undefined
      }
  }
}

function amountsOf(text: string): unknown {
  if (/^(—|-|нет|none)$/i.test(text)) return {}
  const amounts: Record<string, string> = {}
  for (const part of text.split(/[,;\n]+/).map((one) => one.trim())) {
    const [, code = '', sum = ''] = /^([A-Za-z]{2,5})\s+(.+)$/.exec(part) ?? []
    const asset = code.toUpperCase()
    if (!isAsset(asset)) return undefined
    amounts[asset] = String(parseAmount(sum, asset))
  }
  return amounts
}

/** The value as it would be typed. */
export function writeSetting(form: SettingForm, value: unknown): string {
  switch (form.kind) {
    case 'integers':
      return (value as number[]).join(', ')
    case 'flag':
      return value ? '✓' : '—'
    case 'money':
      return `${formatAmount(value as bigint, form.asset)} ${form.asset}`
    case 'amounts':
      return (
        Object.entries(value as Record<Asset, string>)
          .map(([asset, sum]) => `${asset} ${formatAmount(BigInt(sum), asset as Asset)}`)
          .join(', ') || '—'
      )
    case 'json':
      return JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? String(one) : one))
    default:
      return String(value)
  }
}

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
  key: string,
  bot: string,
  limit: number,
): Promise<SettingVersion[]> {
  const rows = await sql.rows(q<SettingVersion>`
    select version, value, updated_by as by, updated_at as at from settings_history
    where bot = ${bot} and key = ${key} order by version desc limit ${limit}`)
  return rows.map((row) => ({ ...row, value: row.value ?? undefined }))
}

/**
 * Keeps a checked value with its version and audit line, if nobody changed the setting since it was read.
 * @param change.seen the version that the admin saw, 0 = none
 * @throws UserError `setting.changed`
 */
export async function changeSetting(
  app: { db: Db; settings: Settings },
  entry: SettingEntry,
  change: { value: unknown; bot: string; by: bigint; seen: number; action: 'setting' | 'setting.undone' },
): Promise<void> {
  const { key } = entry.type
  await app.db.tx(async (tx) => {
    await tx.rows(q`select pg_advisory_xact_lock(hashtextextended('setting ' || ${key}, 0))`)
    const [last] = await settingVersions(tx, key, change.bot, 1)
    if ((last?.version ?? 0) !== change.seen) throw new UserError('setting.changed')
    await app.settings.set(tx, entry.type, { value: change.value, bot: change.bot, by: change.by })
    await audit(tx, {
      actor: change.by,
      action: change.action,
      target: `setting ${key}`,
      bot: change.bot || undefined,
      details: {
        from: last?.value === undefined ? null : writeSetting(entry.form, revive(entry, last.value)),
        to: change.value === undefined ? null : writeSetting(entry.form, change.value),
      },
    })
  })
}

/** A value as JSON kept it, as the setting's own type. */
export function revive(entry: SettingEntry, kept: unknown): unknown {
  const parsed = entry.type.schema.safeParse(kept)
  return parsed.success ? parsed.data : kept
}
