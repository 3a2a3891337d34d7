import type { z } from 'zod'
import { UserError } from '../errors.ts'
import { formatAmount, isAsset, readTyped } from '../money.ts'
import type { Asset } from '../money.ts'
import { keysOf } from './settings.ts'
import type { SettingType } from './settings.ts'
import { shorten } from '../storable.ts'

/** How admins read and type a setting's value. */
export type SettingForm =
  | { kind: 'integer' | 'integers' | 'flag' | 'text' }
  | { kind: 'choice'; options: readonly string[] }
  /** Minor units as bigint or, where JSON keeps them, as text; typed as a sum. */
  | { kind: 'money'; asset: Asset; asText?: boolean }
  /** Several sums of one asset, kept as text. */
  | { kind: 'sums'; asset: Asset }
  /** Sums by asset: `TOK 1000, RUB 5000`. */
  | { kind: 'amounts' }
  /** Names with numbers: `USD 80.5, EUR 93`; sums in roubles where a comma before three digits is asked about. */
  | { kind: 'pairs'; as: 'numbers' | 'decimals' | 'sums' }
  /** Words or phrases, one a line. */
  | { kind: 'texts' }
  /** A form of its own, explained by `setting-form-<name>`. */
  | { kind: 'own'; name: string; read: (text: string) => unknown; write: (value: never) => string }

/** A setting that the panel shows; its title is the text `setting-<key>`. */
export interface SettingEntry {
  type: SettingType<unknown>
  /** Typed, in the bot here or, where it has a screen of its own there (the route of its admin button), at the panel. */
  edit: { form: SettingForm; screen?: string } | { form?: undefined; screen: string }
  /** Where it may have a value; only for all bots where what it rules is shared by them. */
  scopes: readonly SettingScope[]
}

/** Settings by the group in which the panel shows them; a group's name is the text `settings-group-<key>`. */
export type SettingGroups = Readonly<Record<string, readonly SettingEntry[]>>

/**
 * @param key also the one that the setting had before: keys of old messages and lines of the journal name it
 * @throws UserError `admin.not-found` when the panel shows no such setting
 */
export function entryOf(groups: SettingGroups, key: string): SettingEntry & { group: string } {
  for (const [group, entries] of Object.entries(groups)) {
    const entry = entries.find(({ type }) => keysOf(type).includes(key))
    if (entry) return { ...entry, group }
  }
  throw new UserError('admin.not-found')
}

/** A value for all bots, or for one of them alone. */
export type SettingScope = 'all' | 'own'
const BOTH: readonly SettingScope[] = ['all', 'own']
/** The scope of settings that all bots share. */
export const FOR_ALL: readonly SettingScope[] = ['all']

/** A setting that is typed here. */
export function typed<Value>(type: SettingType<Value>, form: SettingForm, scopes = BOTH): SettingEntry {
  return { type: type as SettingType<unknown>, edit: { form }, scopes }
}

/** A setting with a screen of its own in the bot; @param form how it is typed at the panel, none = it is not */
export function onScreen<Value>(
  type: SettingType<Value>,
  screen: string,
  scopes = BOTH,
  form?: SettingForm,
): SettingEntry {
  return { type: type as SettingType<unknown>, edit: form ? { screen, form } : { screen }, scopes }
}

/**
 * Reads what an admin typed and checks it as the setting does.
 * @throws UserError `setting.invalid`, `setting.most` and `setting.least` for a number out of range, `amount.invalid`, `amount.range`, `amount.unclear`
 */
export function readSetting(entry: SettingEntry, text: string): unknown {
  const { form } = entry.edit
  const parsed = form && entry.type.schema.safeParse(parse(form, text.trim()))
  if (!parsed?.success) throw refusalOf(shorten(text, 60), parsed?.error.issues ?? [])
  return parsed.data
}

/** An admin whose number is out of range reads the range, and not only that the number does not fit. */
function refusalOf(text: string, issues: readonly z.core.$ZodIssue[]): UserError {
  const bounds = (code: 'too_big' | 'too_small') =>
    issues.flatMap((one) =>
      one.code !== code || !['number', 'int'].includes(one.origin)
        ? []
        : [Number(one.code === 'too_big' ? one.maximum : one.minimum)],
    )
  const [most, least] = [bounds('too_big'), bounds('too_small')]
  if (most.length > 0) return new UserError('setting.most', { text, most: Math.min(...most) })
  if (least.length > 0) return new UserError('setting.least', { text, least: Math.max(...least) })
  return new UserError('setting.invalid', { text })
}

function parse(form: SettingForm, text: string): unknown {
  switch (form.kind) {
    case 'integer':
      return /^-?\d{1,40}$/.test(text) ? Number(text) : undefined
    case 'integers':
      return text
        .split(/[\s,;]+/)
        .filter(Boolean)
        .map((one) => (/^\d{1,40}$/.test(one) ? Number(one) : undefined))
    case 'flag':
      return /^(да|вкл|yes|on|true|1|✓)$/i.test(text)
        ? true
        : /^(нет|выкл|no|off|false|0|—)$/i.test(text)
          ? false
          : undefined
    case 'text':
      return text
    case 'choice':
      return form.options.find((one) => one.toLowerCase() === text.toLowerCase())
    case 'money': {
      const amount = readTyped(text, form.asset)
      return form.asText ? String(amount) : amount
    }
    case 'sums':
      return text
        .split(/[;\n]+|,\s+/)
        .filter(Boolean)
        .map((one) => String(readTyped(one.trim(), form.asset)))
    case 'amounts':
      return amountsOf(text)
    case 'pairs':
      return NONE.test(text) ? {} : pairsOf(text, form.as)
    case 'texts':
      return NONE.test(text) ? [] : [...new Set(partsOf(text, /\n+/))]
    case 'own':
      return form.read(text)
  }
}

/** What an admin types for an empty value. */
const NONE = /^(—|-|нет|none)$/i

const partsOf = (text: string, between = /[;\n]+|,\s+/): string[] =>
  text
    .split(between)
    .map((one) => one.trim())
    .filter(Boolean)

function pairsOf(text: string, as: 'numbers' | 'decimals' | 'sums'): unknown {
  const pairs: Record<string, unknown> = {}
  for (const part of partsOf(text)) {
    const [, name, number] = /^(\S{1,40})\s+(\d{1,15}(?:[.,]\d{1,9})?)$/.exec(part) ?? []
    if (!name || !number || (as === 'numbers' && !/^\d+$/.test(number))) return undefined
    if (as === 'sums') readTyped(number, 'RUB')
    const decimal = number.replace(',', '.')
    pairs[name] = as === 'numbers' ? Number(decimal) : decimal
  }
  return pairs
}

function amountsOf(text: string): unknown {
  if (NONE.test(text)) return {}
  const amounts: Record<string, string> = {}
  for (const part of text.split(/[;\n]+|,(?!\d)/).map((one) => one.trim())) {
    const [, code = '', sum = ''] = /^([A-Za-z]{2,5})\s+(.+)$/.exec(part) ?? []
    const asset = code.toUpperCase()
    if (!isAsset(asset)) return undefined
    amounts[asset] = String(readTyped(sum, asset))
  }
  return amounts
}

/** The value in the form in which an admin types it. */
export function writeSetting({ edit }: SettingEntry, value: unknown): string {
  const { form } = edit
  if (!form) return plain(value)
  switch (form.kind) {
    case 'integers':
      return (value as number[]).join(', ')
    case 'flag':
      return value ? '✓' : '—'
    case 'money':
      return `${formatAmount(BigInt(value as string), form.asset)} ${form.asset}`
    case 'sums':
      return (value as string[]).map((one) => typedSum(one, form.asset)).join(', ')
    case 'amounts':
      return (
        Object.entries(value as Record<Asset, string>)
          .map(([asset, sum]) => `${asset} ${typedSum(sum, asset as Asset)}`)
          .join(', ') || '—'
      )
    case 'pairs':
      return plain(value)
    case 'texts':
      return (value as string[]).join('\n') || '—'
    case 'own':
      return form.write(value as never)
    default:
      return String(value)
  }
}

/** A whole sum is typed without its kopecks. */
const typedSum = (amount: string, asset: Asset): string =>
  formatAmount(BigInt(amount), asset).replace(/\.0+$/, '')

/** Any value in words, for settings whose screen knows better how to show it. */
function plain(value: unknown): string {
  if (typeof value === 'boolean') return value ? '✓' : '—'
  if (typeof value !== 'object' || value === null) return String(value)
  const parts = Array.isArray(value)
    ? value.map(plain)
    : Object.entries(value).map(([name, one]) => `${name} ${plain(one)}`)
  return parts.join(', ') || '—'
}
