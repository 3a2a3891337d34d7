import { FluentBundle, FluentResource } from '@fluent/bundle'
import { UserError } from '../errors.ts'
import { LANGUAGES } from './languages.ts'
import type { TextParams, Texts } from './texts.ts'
import type { Language } from './languages.ts'
import { shorten } from '../storable.ts'
import { misfitOf, samplesOf, useOf } from './uses.ts'
import type { WordingProblem } from './uses.ts'
import { speech } from './languages.ts'

/** A bot's own wordings by `<language>.<key>`, for example `ru.welcome`. */
export type Wordings = Readonly<Record<string, string>>

/**
 * The texts of one bot: its own wording where it has one. A wording that cannot be written out (it asks for a
 * variable that this text does not have), or that Telegram would refuse, never costs the message: the shop's own text takes its place.
 */
export function ownTexts(texts: Texts, wordings: Wordings): Texts {
  return {
    ...texts,
    t(language, key, params) {
      const wording = wordings[`${language}.${key}`]
      return (
        (wording === undefined ? undefined : write(texts, language, key, wording, params)) ??
        texts.t(language, key, params)
      )
    },
  }
}

/** A mailing writes the same few wordings thousands of times. */
const KEPT = 1_000
const kept = new Map<string, ReturnType<typeof compile>>()

/** @returns undefined when the wording and the variables do not fit */
function write(
  texts: Texts,
  language: Language,
  key: string,
  wording: string,
  params?: TextParams,
): string | undefined {
  const name = `${language} ${key} ${wording}`
  if (!kept.has(name)) {
    if (kept.size >= KEPT) kept.clear()
    const fits = wordingProblem(texts, language, key, wording) === undefined
    kept.set(name, fits ? compile(language, wording) : undefined)
  }
  const compiled = kept.get(name)
  if (!compiled) return undefined
  const trouble: Error[] = []
  const text = compiled.bundle.formatPattern(compiled.pattern, params, trouble)
  return trouble.length > 0 ? undefined : text
}

/**
 * Whether the wording fits where its text stands, with values as long as they come.
 * @returns `broken` when it cannot be written out at all
 */
export function wordingProblem(
  texts: Texts,
  language: Language,
  key: string,
  wording: string,
): WordingProblem | 'broken' | undefined {
  const compiled = compile(language, wording)
  if (!compiled) return 'broken'
  const use = useOf(texts, key)
  const source = texts.source(language, key)
  for (const sample of samplesOf(source + wording, variablesOf(source))) {
    const trouble: Error[] = []
    const rendered = compiled.bundle.formatPattern(compiled.pattern, sample, trouble)
    if (trouble.length > 0 || rendered.trim() === '') return 'broken'
    const problem = misfitOf(use, rendered)
    if (problem) return problem
  }
  return undefined
}

function compile(language: Language, wording: string) {
  const bundle = new FluentBundle(speech[language].locale, { useIsolating: false })
  // A Fluent text goes on over several lines as long as they are indented.
  const lines = asText(wording).replaceAll('\n', '\n    ')
  const errors = bundle.addResource(new FluentResource(`own =\n    ${lines}\n`))
  const pattern = bundle.getMessage('own')?.value
  return errors.length > 0 || !pattern ? undefined : { bundle, pattern }
}

/**
 * Fluent takes a line that begins with `*`, `[` or `.` for the end of the text: such a sign is written as a literal.
 * Inside of braces it stays, because the cases of a choice begin with it.
 */
function asText(wording: string): string {
  let depth = 0
  return wording
    .split('\n')
    .map((line) => {
      const written = depth === 0 ? line.replace(/^(\s*)([*[.])/, '$1{ "$2" }') : line
      const withoutLiterals = line.replace(/\{\s*"[^"]*"\s*\}/g, '')
      depth += withoutLiterals.split('{').length - withoutLiterals.split('}').length
      return written
    })
    .join('\n')
}

/** The variables that a text may use: those of the shop's own wording. */
export function variablesOf(source: string): string[] {
  return [...new Set([...source.matchAll(/\{\s*\$([a-zA-Z]+)/g)].map((match) => match[1]!))]
}

/**
 * Splits and checks `<language>.<key>`.
 * @throws UserError `text.unknown`
 */
export function textName(texts: Texts, name: string): { language: Language; key: string } {
  const [language = '', key = ''] = name.split(/\.(.*)/s)
  if (!LANGUAGES.includes(language as Language) || !texts.has(language as Language, key)) {
    throw new UserError('text.unknown', { name: shorten(name, 60) })
  }
  return { language: language as Language, key }
}
