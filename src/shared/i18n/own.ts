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
 * The texts of one bot: the bot's own wording of a text, if it has one, else the shop's. The shop's text also replaces
 * a wording that cannot be rendered (it uses a variable that the text does not have) or that Telegram would refuse: a
 * wrong wording never costs the message.
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

/** Rendered wordings are cached up to this number, because a mailing writes the same few thousands of times. */
const KEPT = 1_000
const kept = new Map<string, ReturnType<typeof compile>>()

/** @returns undefined when the wording and the variables do not fit each other */
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
 * Whether a wording fits its place, checked with the longest values that occur.
 * @returns `broken` when the wording cannot be rendered at all
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
  // Fluent continues a text over several lines as long as they are indented.
  const lines = asText(wording).replaceAll('\n', '\n    ')
  const errors = bundle.addResource(new FluentResource(`own =\n    ${lines}\n`))
  const pattern = bundle.getMessage('own')?.value
  return errors.length > 0 || !pattern ? undefined : { bundle, pattern }
}

/**
 * Escapes a typed wording for Fluent, where a line that begins with `*`, `[` or `.` ends the text: that sign becomes a
 * literal. Inside braces the sign stays, because the cases of a selector begin with it.
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

/** The variables that a wording may use: those of the shop's own text. */
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
