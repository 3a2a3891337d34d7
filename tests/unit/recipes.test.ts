import { globSync } from 'node:fs'
import { expect, test } from 'vitest'
import { PAYMENT_VARIABLES, PROVIDER_NAMES } from '#shop/payments/providers/registry.ts'
import { PICTURE_VARIABLES } from '#shop/pictures/providers/registry.ts'
import { everyPictureProvider } from '../lib/picture-providers.ts'
import { readSource, sources } from '../lib/sources.ts'

const guide = readSource('CONTRIBUTING.md').text
const recipes = guide.slice(guide.indexOf('\n## How to add'), guide.indexOf('\n## Names'))

/** Comments, and the folder of the engine that two vendors share. */
const ASIDE = /^\s*(?:\/\/|\/?\*|#).*$|\/\*\*.*?\*\/|cryptomus-engine/gm
/** The files outside tests and simulators, where a recipe counts. */
const counted = sources(
  '{src,bin,web/src}/**/*.{ts,tsx}',
  'locales/**/*.ftl',
  'docker-compose.yml',
  'README.md',
).map(({ path, text }) => ({ path, text: text.replaceAll(ASIDE, '') }))
const filesWith = (words: RegExp) => counted.filter(({ text }) => words.test(text)).map(({ path }) => path)

/** `src/shop/pictures/providers/<name>/adapter.ts` and `locales/<language>/billing.ftl` as patterns of files. */
const patternOf = (path: string) => path.replaceAll(/<[^>]+>/g, '*')

const architecture = readSource('docs/architecture.md').text
const places = architecture.slice(
  architecture.indexOf('\n## Where to change what'),
  architecture.indexOf('\n## A purchase'),
)

test('every file that a recipe or the table of places names is there', () => {
  const named = [...(recipes + places).matchAll(/`([^`\s]+)`/g)].map((match) => match[1]!)
  const files = named.filter((one) => /\.(?:ts|ftl|yml|json|md)$/.test(one) || one.startsWith('locales/'))
  expect(files.length).toBeGreaterThan(70)
  const nowhere = files.filter((one) =>
    [patternOf(one), `{src,web/src}/**/${patternOf(one)}`].every((pattern) => globSync(pattern).length === 0),
  )
  expect(nowhere).toEqual([])
})

test('a payment provider stands in the files of its recipe and in no other', () => {
  const [, count] = /\*\*A payment provider\*\* \((\d+) files\)/.exec(recipes)!
  const footprints = PROVIDER_NAMES.map((name) => {
    const own = `src/shop/payments/providers/${name}.ts`
    const keys = PAYMENT_VARIABLES.filter((variable) => readSource(own).text.includes(`'${variable}'`))
    return { own, files: filesWith(new RegExp([name, ...keys].join('|'), 'i')) }
  })
  for (const { own, files } of footprints)
    expect(files.toSorted()).toEqual(
      [
        'README.md',
        'docker-compose.yml',
        'locales/en/billing.ftl',
        'locales/ru/billing.ftl',
        own,
        'src/shop/payments/providers/registry.ts',
      ].toSorted(),
    )
  expect(new Set(footprints.map(({ files }) => String(files.length)))).toEqual(new Set([count]))
})

test('a provider of pictures stands in the files of its recipe and in no other', () => {
  const [, count] = /\*\*A provider of pictures\*\* \((\d+) files\)/.exec(recipes)!
  for (const name of everyPictureProvider().keys()) {
    const own = `src/shop/pictures/providers/${name}/`
    const keys = PICTURE_VARIABLES.filter((variable) =>
      readSource(`${own}adapter.ts`).text.includes(`'${variable}'`),
    )
    const files = filesWith(new RegExp(String.raw`['/-]${name}\b|${keys.join('|')}`, 'i'))
    expect([name, files.filter((path) => !path.startsWith(own))]).toEqual([
      name,
      ['README.md', 'docker-compose.yml', 'locales/names.ftl', 'src/shop/pictures/providers/registry.ts'],
    ])
    expect(files.filter((path) => path.startsWith(own)).length).toBeGreaterThan(0)
  }
  expect(count).toBe('5')
})

test('the table of capabilities names every room, and words that its tests begin with', () => {
  const [, table = ''] = /\| capability \| folder \| its tests begin with \|\n([\s\S]*?)\n\n/.exec(
    architecture,
  )!
  const rows = table.split('\n').slice(1)
  const named = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!)
  const rooms = rows.flatMap((row) => named(row.split('|')[2])).filter((folder) => folder !== 'web')
  expect(rooms.toSorted()).toEqual(
    globSync('src/shop/*/')
      .map((folder) => folder.replace(/\/$/, ''))
      .toSorted(),
  )
  const beginnings = rows.flatMap((row) => named(row.split('|')[3]))
  expect(beginnings.filter((word) => globSync(`tests/*/${word}{-*,}.test.ts`).length === 0)).toEqual([])
})
