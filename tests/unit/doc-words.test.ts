import { globSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { LANGUAGES } from '#shared/i18n/languages.ts'
import { loadTexts } from '#shared/i18n/texts.ts'
import { readRepositoryFile, repository } from '../lib/compose.ts'
import { sources } from '../lib/sources.ts'

// What the documents quote of the shop is what the shop says: keys, names of settings, alerts and lines of the log.

const texts = loadTexts()
const prose = (text: string) =>
  text
    .replaceAll(/^ *```[\s\S]*?^ *```$/gm, '')
    .replaceAll(/<!--[\s\S]*?-->/g, '')
    .replaceAll(/\n\s*/g, ' ')
/** docs/scaling.md quotes its own tables. */
const pages = globSync(['*.md', 'docs/*.md', 'deploy/**/*.md'], { cwd: repository })
  .filter((path) => path !== 'docs/scaling.md')
  .map((path) => ({ path, text: prose(readRepositoryFile(path)) }))
const quoted = (text: string, mark: RegExp) => [...text.matchAll(mark)].map(([, words = '']) => words)

/** A text as its reader sees it: without tags, the sign before it and the point behind it; values stay in braces. */
const plain = (text: string) =>
  text
    .replaceAll('\u00a0', ' ')
    .replaceAll(/<[^>]*>/g, '')
    .replace(/^[^\p{L}\p{N}{]+/u, '')
    .replace(/[\s.:?…!]+$/, '')
const ownOf = (text: string) => text.replaceAll(/\{[^}]*\}/g, '')

/** Whether a text of this language is these words and nothing else. */
function isText(language: (typeof LANGUAGES)[number], words: string): boolean {
  return texts.keys(language).some((key) => {
    const text = plain(texts.source(language, key))
    if (text === words) return true
    // A key such as `Only { $bot }`, of which the page gives an example.
    if (!text.includes('{') || !/\p{L}{3}/u.test(ownOf(text)) || /->|\n/.test(text)) return false
    const parts = text.split(/\{[^}]*\}/).map((part) => part.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&'))
    return new RegExp(`^${parts.join('.+')}$`).test(words)
  })
}

const said = [
  ...LANGUAGES.flatMap((language) => texts.keys(language).map((key) => texts.source(language, key))),
  ...sources('src/**/*.ts', 'bin/**/*.ts').map(({ text }) => text),
]
  .join('\n')
  .replaceAll('\u00a0', ' ')

describe('what the documents quote', () => {
  test('between «» is said by the shop: to people, to admins or in its log', () => {
    const found = pages.flatMap(({ path, text }) =>
      quoted(text, /«([^»]+)»/g).map((words) => ({ path, words })),
    )
    expect(found.length).toBeGreaterThan(20)
    expect(found.filter(({ words }) => !said.includes(words))).toEqual([])
  })

  test('as the name of a setting is its name', () => {
    const found = pages.flatMap(({ path, text }) =>
      [...quoted(text, /settings? “([^”]+)”/g), ...quoted(text, /(?<![\w*`])_(\p{Lu}[^_`]+)_(?!\w)/gu)].map(
        (words) => ({ path, words }),
      ),
    )
    expect(found.length).toBeGreaterThan(7)
    expect(found.filter(({ words }) => !isText('en', words))).toEqual([])
  })

  test('as a way to a screen is a row of keys', () => {
    const found = pages.flatMap(({ path, text }) => {
      const language = path.endsWith('.ru.md') ? ('ru' as const) : ('en' as const)
      const ways = text.matchAll(/→ (?:\*\*([^*]+)\*\*|«([^»]+)»|(\p{Lu}[^→.,;:()|»*]*))/gu)
      return [...ways].map(([, bold, marked, bare]) => ({
        path,
        language,
        words: (bold ?? marked ?? bare!).trim(),
      }))
    })
    // Prometheus has keys of its own.
    const ours = found.filter(({ words }) => words !== 'Targets')
    expect(ours.length).toBeGreaterThan(10)
    expect(ours.filter(({ language, words }) => !isText(language, words))).toEqual([])
  })

  test('in bold in the guide for admins is a key or a heading that they see', () => {
    const { text } = pages.find(({ path }) => path === 'docs/admin.md')!
    // Telegram's own: a switch of a group, and a right of its admins.
    const telegrams = ['Topics', 'Manage topics']
    const found = quoted(text, /\*\*(\p{Lu}[^*]*)\*\*/gu).filter((words) => !telegrams.includes(words))
    expect(found.length).toBeGreaterThan(50)
    expect(found.filter((words) => !isText('en', plain(words)))).toEqual([])
  })
})
