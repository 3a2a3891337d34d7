import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** What a field of a call may be. `file` is an upload or the text that names one. */
export type Kind = 'string' | 'number' | 'boolean' | 'object' | 'array' | 'file'

export interface Described {
  /** By field: its kinds, with a `?` before those that may be left out. */
  fields: Record<string, string>
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
  for (const line of lines) {
    const method = /^ {4}(\w+)\(/.exec(line)
    if (method) methods[method[1]!] = current = { fields: {} }
    if (/^ {4}\}\)?[:;]/.test(line)) current = undefined
    const field = /^ {8}(\w+)(\??): (.+)$/.exec(line)
    if (field && current) current.fields[field[1]!] = `${field[2]}${kindsOf(field[3]!)}`
  }
  return methods
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
    else if (/^\d+$/.test(part)) kinds.add('number')
    else if (part === 'F') kinds.add('file')
    else if (/\[\]$|Array</.test(part)) kinds.add('array')
    else kinds.add('object')
  }
  return [...kinds].toSorted().join(' ')
}
