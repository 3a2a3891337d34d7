import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { en } from '../../web/src/words/en.ts'
import { ru } from '../../web/src/words/ru.ts'
import { en as panelEn } from '../../web/src/panel/words/en.ts'
import { ru as panelRu } from '../../web/src/panel/words/ru.ts'
import { LANGUAGES, READ_BY } from '#shared/i18n/languages.ts'
import { ROLES } from '#shared/roles.ts'
import { repository } from '../lib/compose.ts'

/** What a phone on a slow network loads without a noticeable wait. */
const MOST_BYTES = 130_000
const built = join(repository, 'dist/web')

const FACES = ['app.html', 'panel.html']

test.each(FACES)('the first load of each face is below 130 kB, compressed: %s', (face) => {
  const page = readFileSync(join(built, face), 'utf8')
  const files = [...page.matchAll(/(?:src|href)="\/app\/(assets\/[^"]+)"/g)].map((match) => match[1]!)
  expect(files.filter((file) => file.endsWith('.js')).length).toBeGreaterThan(0)
  const bytes = files.map((file) => statSync(join(built, `${file}.br`)).size)
  expect(page.length + bytes.reduce((all, one) => all + one, 0)).toBeLessThan(MOST_BYTES)
})

test.each(FACES)('no script stands in the page, and nothing comes from another host: %s', (face) => {
  const page = readFileSync(join(built, face), 'utf8')
  expect(page.match(/<script(?![^>]* src=)[^>]*>/g)).toBeNull()
  expect(page.match(/<[^>]* on\w+=/g)).toBeNull()
  expect(page.match(/(?:src|href)="(?!\/app\/|data:,)[^"]*"/g)).toBeNull()
  const styles = globSync('assets/*.css', { cwd: built }).map((file) =>
    readFileSync(join(built, file), 'utf8'),
  )
  expect(styles.join('').match(/url\((?!\/app\/)|@import/g)).toBeNull()
})

test('the scripts are built for readers and not for debugging, in tests as well: none has a path of this machine', () => {
  const scripts = globSync('assets/*.js', { cwd: built }).map((file) =>
    readFileSync(join(built, file), 'utf8'),
  )
  expect(scripts.length).toBeGreaterThan(1)
  for (const script of scripts) expect(script.includes(repository)).toBe(false)
})

test('every file of the pages has a brotli and a gzip copy', () => {
  const files = globSync('assets/*.{js,css}', { cwd: built })
  expect(files.length).toBeGreaterThan(1)
  for (const file of files)
    for (const kind of ['br', 'gz'])
      expect(statSync(join(built, `${file}.${kind}`)).size).toBeGreaterThan(100)
})

test.each([
  ['the Mini App', ru, en],
  ['the panel', panelRu, panelEn],
])('every word of the pages is said somewhere, in both languages: %s', (face, russian, english) => {
  expect(Object.keys(english).toSorted()).toEqual(Object.keys(russian).toSorted())
  const code = globSync('web/src/**/*.{ts,tsx}', { cwd: repository })
    .filter((file) => !file.includes('/words/') && file.includes('/panel/') === (face === 'the panel'))
    .map((file) => readFileSync(join(repository, file), 'utf8'))
    .join('\n')
  // `words().shop`, `w.shop`, or a name in a list: another thing may have a field that is called so.
  const said = (word: string) => new RegExp(`(?:\\b\\w+\\(\\)|\\bw)\\.${word}\\b|'${word}'`).test(code)
  expect(Object.keys(russian).filter((word) => !said(word))).toEqual([])
})

/**
 * The pages load nothing of the shop, so what they must know before its first answer is written in the pages once
 * more.
 */
test('the pages have the shop’s roles in their order, and take the same clients for readers of a language', () => {
  const page = (path: string) => readFileSync(join(repository, 'web/src', path), 'utf8')
  const roles = /const ROLES = \[(.*)\]/.exec(page('panel/pages.tsx'))![1]!
  expect([...roles.matchAll(/'([\w-]+)'/g)].map((match) => match[1])).toEqual(ROLES)
  const languages = [...page('languages.ts').matchAll(/^ {2}(\w+): \{ locale: .*readers: \/(.*)\/i? \}/gm)]
  expect(languages.map((match) => match[1])).toEqual(LANGUAGES)
  const patterns = languages.map((match) => match[2]).filter((pattern) => pattern !== '^')
  expect(patterns).toEqual(READ_BY.map(([, codes]) => `${codes}\\b`))
})
