import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { FluentBundle, FluentResource } from '@fluent/bundle'
import type { Message } from '@fluent/bundle'
import { LANGUAGES, speech } from './languages.ts'
import type { Language } from './languages.ts'

export type TextParams = Record<string, string | number>

/** The texts that people read: Fluent files in locales/<language>/, one per area, and locales/names.ftl. */
export interface Texts {
  /** @throws when no language has the text: a missing text is a bug that the tests find */
  t(language: Language, key: string, params?: TextParams): string
  has(language: Language, key: string): boolean
  keys(language: Language): string[]
  /** The text as it stands in its file, with its variables. */
  source(language: Language, key: string): string
}

const LOCALES = join(import.meta.dirname, '../../../locales')

/** The paths of a language's files below locales/, and of the names that every language writes in the same way. */
export const textFiles = (language: Language): string[] => [
  ...readdirSync(join(LOCALES, language))
    .toSorted()
    .map((file) => join(language, file)),
  'names.ftl',
]

export function loadTexts(): Texts {
  const bundles = new Map(LANGUAGES.map((language) => [language, loadBundle(language)]))
  const find = (language: Language, key: string) => {
    for (const candidate of [language, ...LANGUAGES]) {
      const bundle = bundles.get(candidate)!.bundle
      const value = bundle.getMessage(key)?.value
      if (value) return { bundle, value }
    }
    throw new Error(`no text is called ${key}`)
  }
  return {
    t(language, key, params) {
      const { bundle, value } = find(language, key)
      const errors: Error[] = []
      const text = bundle.formatPattern(value, counted(value, params), errors)
      if (errors.length > 0) throw new Error(`text ${key} (${language}): ${errors.join(', ')}`)
      return text
    },
    has: (language, key) => bundles.get(language)!.bundle.hasMessage(key),
    keys: (language) => bundles.get(language)!.keys,
    source: (language, key) => bundles.get(language)!.sources.get(key) ?? '',
  }
}

/**
 * Turns numbers that arrive as text (from a sentence or from JSON) into numbers, so that they choose the plural form.
 * Otherwise Fluent compares the text with the names of the forms, finds none and writes "5 попытка".
 */
function counted(
  value: NonNullable<Message['value']>,
  params: TextParams | undefined,
): TextParams | undefined {
  if (!params || typeof value === 'string') return params
  const chosen = value.flatMap((part) =>
    typeof part === 'object' && part.type === 'select' && part.selector.type === 'var' ? [part] : [],
  )
  const isCount = ({ variants }: (typeof chosen)[number]) =>
    variants.some(({ key }) => key.type === 'str' && /^(one|few|many)$/.test(key.value))
  const numbers = chosen.filter(isCount).flatMap(({ selector }) => {
    const name = (selector as { name: string }).name
    const given = params[name]
    return typeof given === 'string' && /^\d{1,15}$/.test(given) ? [[name, Number(given)] as const] : []
  })
  return numbers.length === 0 ? params : { ...params, ...Object.fromEntries(numbers) }
}

interface Loaded {
  bundle: FluentBundle
  keys: string[]
  sources: Map<string, string>
}

function loadBundle(language: Language): Loaded {
  // Without isolation marks: Telegram would show U+2068 and U+2069 as characters in copied sums.
  const bundle = new FluentBundle(speech[language].locale, { useIsolating: false })
  const keys: string[] = []
  const sources = new Map<string, string>()
  for (const file of textFiles(language)) {
    const content = readFileSync(join(LOCALES, file), 'utf8')
    for (const [, key, text] of content.matchAll(/^([a-z][\w-]*) =((?:.*)(?:\n(?:[ \t}].*)?$)*)/gm)) {
      sources.set(key!, text!.replaceAll(/^[ \t]+/gm, '').trim())
    }
    const resource = new FluentResource(content)
    const errors = bundle.addResource(resource)
    if (errors.length > 0) throw new Error(`locales/${file}: ${errors.join(', ')}`)
    keys.push(...resource.body.map((entry) => entry.id))
  }
  return { bundle, keys, sources }
}
