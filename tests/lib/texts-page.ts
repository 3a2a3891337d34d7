import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { FluentResource } from '@fluent/bundle'
import { escapeHtml } from '#shared/i18n/format.ts'
import { loadTexts, textFiles } from '#shared/i18n/texts.ts'
import { LANGUAGES, inLanguages, speech } from '#shared/i18n/languages.ts'
import type { Language } from '#shared/i18n/languages.ts'
import { sources } from './sources.ts'
import { sampleOf } from './text-samples.ts'

const repository = resolve(import.meta.dirname, '../..')
const texts = loadTexts()
/** One number for each form of a word: 1 токен, 2 токена, 5 токенов. English takes the first and the last. */
const COUNTS = inLanguages((language): Record<string, string> => {
  const rules = new Intl.PluralRules(speech[language].locale)
  return { other: '5', ...Object.fromEntries([1, 2, 5].map((count) => [rules.select(count), String(count)])) }
})

interface Choice {
  variable: string
  values: string[]
}
/** A text in all its forms, with sample values. */
export interface Shown {
  key: string
  forms: Record<Language, string[]>
}
export interface Screen {
  /** The source file that shows the texts; if the code builds their keys, the file of the locale. */
  name: string
  texts: Shown[]
}

interface Entry {
  file: string
  variables: string[]
  choices: Choice[]
}

/**
 * The texts of a language as its files have them, each with the variables that it asks for and those that
 * choose a form.
 */
export function entriesOf(language: Language): Map<string, Entry> {
  const found = new Map<string, Entry>()
  for (const path of textFiles(language)) {
    const file = basename(path)
    for (const entry of new FluentResource(readFileSync(join(repository, 'locales', path), 'utf8')).body) {
      const tree = JSON.stringify(entry.value)
      const variables = [...tree.matchAll(/"type":"var","name":"(\w+)"/g)].map((match) => match[1]!)
      found.set(entry.id, {
        file,
        variables: [...new Set(variables)],
        choices: choices(language, entry.value),
      })
    }
  }
  return found
}

function choices(language: Language, value: unknown): Choice[] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap((part) => choices(language, part))
  const part = value as { type?: string; selector?: { type: string; name: string }; variants?: Variant[] }
  if (part.type !== 'select' || part.selector?.type !== 'var') return []
  const keys = part.variants!.map(({ key }) => String(key.value))
  const own = {
    variable: part.selector.name,
    values: keys.map((key) => COUNTS[language][key] ?? key),
  }
  return [own, ...part.variants!.flatMap((variant) => choices(language, variant.value))]
}
interface Variant {
  key: { value: string | number }
  value: unknown
}

/**
 * Each form of a text once: a variable that chooses a form takes all its forms, and every other variable
 * keeps its sample.
 */
function formsOf(language: Language, key: string, entry: Entry): string[] {
  const base = Object.fromEntries(entry.variables.map((name) => [name, sampleOf(language, key, name)]))
  const params = entry.choices.flatMap(({ variable, values }) =>
    values.map((value) => ({ ...base, [variable]: value })),
  )
  const shown = (params.length > 0 ? params : [base]).map((one) => texts.t(language, key, one))
  return [...new Set(shown)]
}

/** Every text of all languages, beside the others of its screen. */
export function screensOfTexts(): Screen[] {
  const entries = inLanguages(entriesOf)
  const code = sources('src/**/*.ts').map(({ path, text }) => ({
    path: path.replace(/^src\//, '').replace(/\.ts$/, ''),
    literals: new Set([...text.matchAll(/'([\w.-]+)'/g)].map((match) => match[1]!)),
    beginnings: [...text.matchAll(/`([a-z][a-z0-9-]*-)\$\{/g)].map((match) => match[1]!),
  }))
  const homeOf = (key: string) => {
    const error = key.replace(/^error-/, '')
    const named = code.find(
      ({ literals }) =>
        literals.has(key) ||
        (error !== key && [...literals].some((literal) => literal.replaceAll('.', '-') === error)),
    )
    const built = code
      .flatMap(({ path, beginnings }) => beginnings.map((beginning) => ({ path, beginning })))
      .filter(({ beginning }) => key.startsWith(beginning))
      .toSorted((a, b) => b.beginning.length - a.beginning.length)[0]
    return named?.path ?? built?.path ?? `locales/${entries.ru.get(key)!.file}`
  }
  const screens = new Map<string, Shown[]>()
  for (const key of entries.ru.keys()) {
    const home = homeOf(key)
    const forms = inLanguages((language) => formsOf(language, key, entries[language].get(key)!))
    screens.set(home, [...(screens.get(home) ?? []), { key, forms }])
  }
  return [...screens]
    .map(([name, shown]) => ({ name, texts: shown }))
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en'))
}

export function textsPage(screens: Screen[]): string {
  const anchor = (name: string) => name.replaceAll(/[^\w]+/g, '-')
  const links = screens.map(({ name }) => `<li><a href="#${anchor(name)}">${escapeHtml(name)}</a></li>`)
  const tables = screens.map(
    ({ name, texts: shown }) => `<section id="${anchor(name)}"><h2>${escapeHtml(name)}</h2>
${shown.map(row).join('\n')}</section>`,
  )
  const count = screens.flatMap(({ texts: shown }) => shown).length
  return `<!doctype html><html lang="ru"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>telekassa: ${count} texts</title><style>
:root{color-scheme:light dark}body{font:15px/1.45 system-ui,sans-serif;margin:0;padding:1rem;max-width:80rem}
nav ul{columns:18rem;padding-left:1rem}h2{font-size:1.05rem;margin:2rem 0 .5rem;position:sticky;top:0;background:Canvas;padding:.3rem 0}
.text{display:grid;grid-template-columns:14rem repeat(${LANGUAGES.length},1fr);gap:.25rem 1rem;border-top:1px solid #8884;padding:.5rem 0}
.text>code{overflow-wrap:anywhere;color:GrayText}.form{white-space:pre-wrap;overflow-wrap:anywhere}.form+.form{margin-top:.4rem;border-top:1px dotted #8888;padding-top:.4rem}
blockquote{margin:.3rem 0;padding-left:.6rem;border-left:3px solid #8888}tg-spoiler{background:#8884}
@media(max-width:44rem){.text{grid-template-columns:1fr}}
</style><h1>${count} texts, with sample values</h1><nav><ul>${links.join('')}</ul></nav>
${tables.join('\n')}</html>
`
}

function row({ key, forms }: Shown): string {
  const column = (language: Language) =>
    `<div lang="${language}">${forms[language].map((form) => `<div class="form">${form}</div>`).join('')}</div>`
  return `<article class="text" id="${key}"><code>${key}</code>${LANGUAGES.map(column).join('')}</article>`
}

if (import.meta.main) {
  const path = join(repository, 'dist/texts.html')
  mkdirSync(join(repository, 'dist'), { recursive: true })
  writeFileSync(path, textsPage(screensOfTexts()))
  console.log(`file://${path}`)
}
