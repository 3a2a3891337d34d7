import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Limit } from './src/described.ts'

/** What a field of a call may be. `file` is an upload or the text that names one. */
export type Kind = 'string' | 'number' | 'boolean' | 'object' | 'array' | 'file'

export interface Described {
  /** The kinds of each field, with a `?` in front if the field may be left out. */
  fields: Record<string, string>
  /** By field: how long, how many or how large it may be. */
  limits: Record<string, Limit>
}

/**
 * The methods of the Bot API with the kinds of their fields, from the types that grammY's people keep
 * (@grammyjs/types, pinned in package.json): facts only, none of its words.
 */
export function describeMethods(): Record<string, Described> {
  const file = createRequire(import.meta.url)
    .resolve('@grammyjs/types')
    .replace(/mod\.js$/, 'methods.d.ts')
  const lines = readFileSync(file, 'utf8').split('\n')
  const methods: Record<string, Described> = {}
  let current: Described | undefined
  let comment = ''
  for (const line of lines) {
    const method = /^ {4}(\w+)\(/.exec(line)
    if (method) methods[method[1]!] = current = { fields: {}, limits: {} }
    if (/^ {4}\}\)?[:;]/.test(line)) current = undefined
    if (/^ {8}\/\*\*|^ {9}\*/.test(line)) comment += line
    const [, field, optional, type] = /^ {8}(\w+)(\??): (.+)$/.exec(line) ?? []
    if (!field) continue
    const kinds = kindsOf(type!)
    const limit = limitIn(comment, kinds, type!)
    comment = ''
    if (!current) continue
    current.fields[field] = `${optional}${CORRECTED[`${Object.keys(methods).at(-1)}.${field}`] ?? kinds}`
    if (limit) current.limits[field] = limit
  }
  return methods
}

/** Where the types differ from Telegram's own page. */
const CORRECTED: Record<string, Kind> = { 'editStory.areas': 'array' }

/** The forms in which the description writes a limit down. */
const LIMITS: readonly (readonly [kind: RegExp, of: Limit['of'], form: RegExp])[] = [
  [/string/, 'characters', /\b(\d+)-(\d+) characters/],
  [/string/, 'bytes', /\b(\d+)-(\d+) bytes/],
  [/string/, 'bytes', /\bcan't exceed ()(\d+) bytes/],
  [/array/, 'items', /\b(\d+)-(\d+) (?:identifiers|answer|initial|emoji|search|two-letter|items)/],
  [/array/, 'items', /\b(?:up to|At most) ()(\d+) (?:items|identifiers|commands|custom|suggested)/],
  [/number/, 'number', /[;,] (\d+)-(\d+)(?:\.| |$)/],
  [/number/, 'number', /[Vv]alues between (\d+)-(\d+)/],
  [/number/, 'number', /between (\d+) and (\d+)/],
]

function limitIn(comment: string, kinds: string, type: string): Limit | undefined {
  const literals = type.replace(/;$/, '').split('|')
  if (literals.every((one) => /^\s*(0x[\dA-F]+|\d+)\s*$/.test(one)))
    return { of: 'one of', values: literals.map(Number) }
  for (const [kind, of, form] of LIMITS) {
    const [, least, most] = (kind.test(kinds) && form.exec(comment.replaceAll(/\s+\*\/?/g, ' '))) || []
    if (most !== undefined) return { of, values: [Number(least), Number(most)] }
  }
  return undefined
}

function kindsOf(type: string): string {
  const kinds = new Set<Kind>()
  for (const part of type
    .replace(/;$/, '')
    .split('|')
    .map((one) => one.trim())) {
    if (/^(string|number|boolean)$/.test(part)) kinds.add(part as Kind)
    else if (part === 'true' || part === 'false') kinds.add('boolean')
    else if (/^["']/.test(part) || /^(ParseMode|LanguageCode)$/.test(part)) kinds.add('string')
    else if (/^(0x[\dA-F]+|\d+)$/.test(part)) kinds.add('number')
    else if (part === 'F') kinds.add('file')
    else if (/\[\]$|Array</.test(part)) kinds.add('array')
    else kinds.add('object')
  }
  return [...kinds].toSorted().join(' ')
}
