import { bad } from './errors.ts'

export type Obj = Record<string, unknown>

export interface Upload {
  name: string
  type: string
  bytes: Buffer
}

/** The arguments of one call: strings from forms and queries, anything from JSON. */
export interface Params {
  values: Obj
  files: Map<string, Upload>
}

export const isObj = (value: unknown): value is Obj =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function text(p: Params, name: string): string | undefined {
  const value = p.values[name]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return value
  return typeof value === 'object' ? JSON.stringify(value) : String(value as number | boolean)
}

export function required(p: Params, name: string): string {
  const value = text(p, name)
  if (value === undefined || value === '') throw bad(`parameter "${name}" is required`)
  return value
}

const MOST = Number.MAX_SAFE_INTEGER

/**
 * Between which numbers the server takes a field ("telegram-bot-api", get_integer_arg). What is less or more is no error:
 * it counts as the nearest of them.
 */
const RANGES: Record<string, readonly [least: number, most: number]> = {
  active_period: [0, 1_000_000_000],
  cache_time: [0, 2_592_000],
  duration: [0, 86_400],
  expire_date: [0, MOST],
  height: [0, 10_000],
  length: [0, 10_000],
  limit: [1, 100],
  max_connections: [1, 100],
  member_limit: [0, 100_000],
  month_count: [0, 1000],
  open_period: [0, 2_628_000],
  photo_height: [0, 10_000],
  photo_size: [0, 1_000_000_000],
  photo_width: [0, 10_000],
  star_count: [0, 1_000_000_000],
  start_timestamp: [0, 86_400],
  story_id: [0, 1_000_000_000],
  subscription_period: [0, 1_000_000_000],
  subscription_price: [0, 1_000_000],
  timeout: [0, 50],
  width: [0, 10_000],
}

/** Reads a number as the server does: the digits in front, and 0 if there are none. */
export function int(p: Params, name: string, otherwise = 0, range = RANGES[name]): number {
  const value = text(p, name)
  const number = value === undefined || value === '' ? otherwise : Number(/^-?\d+/.exec(value)?.[0] ?? 0) || 0
  const [least, most] = range ?? [-MOST, MOST]
  return Math.min(Math.max(number, least), most)
}

/** A number, or a text that is nothing else. */
export const isNumeric = (value: unknown): boolean =>
  Number.isSafeInteger(value) || (typeof value === 'string' && /^-?\d{1,15}$/.test(value))

export function bool(p: Params, name: string): boolean {
  const value = text(p, name)?.trim().toLowerCase()
  return value === 'true' || value === 'yes' || value === '1'
}

/** A field that is JSON, either as text or already parsed. @throws bad `can't parse <what> JSON object` */
export function json(p: Params, name: string, what: string): unknown {
  const value = p.values[name]
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value) as unknown
  } catch {
    throw bad(`can't parse ${what} JSON object`)
  }
}

/** How Telegram's error names a parameter whose text is not UTF-8. All other parameters are called `strings`. */
const PLACES: Record<string, string> = {
  text: 'text',
  caption: 'text',
  reply_markup: 'inline keyboard button text',
}

/**
 * Half of a surrogate pair cannot be written in UTF-8, and Telegram accepts only UTF-8.
 * @throws bad
 */
export function checkUnicode(p: Params): void {
  for (const [name, value] of Object.entries(p.values)) {
    if (isUnicode(value)) continue
    const keyboard = JSON.stringify(value).includes('inline_keyboard')
    const place = name === 'reply_markup' && !keyboard ? 'keyboard button text' : (PLACES[name] ?? 'strings')
    throw bad(`${place} must be encoded in UTF-8`)
  }
}

function isUnicode(value: unknown): boolean {
  if (typeof value === 'string')
    return value.isWellFormed() && (!/\\u[dD][89a-fA-F]/.test(value) || isUnicodeJson(value))
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([name, inner]) => name.isWellFormed() && isUnicode(inner))
}

/** Nested values come as JSON in a text, in which half of a pair is written as an escape. */
function isUnicodeJson(source: string): boolean {
  try {
    const value: unknown = JSON.parse(source)
    return typeof value !== 'object' || isUnicode(value)
  } catch {
    return true
  }
}

export function userId(p: Params, name = 'user_id'): number {
  const id = int(p, name)
  if (id <= 0) throw bad(`invalid ${name} specified`)
  return id
}

/** Bytes, as the limits of payloads and callback data count. */
export const byteLength = (value: string) => Buffer.byteLength(value, 'utf8')

/** Characters, as most limits count; texts and captions are counted in UTF-16 units, as the offsets of entities are. */
export const charLength = (value: string) => {
  let length = 0
  for (const _ of value) length++
  return length
}

/** A text or a number from loose JSON as text; anything else is ''. */
export const str = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
