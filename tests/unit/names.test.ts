import { parseAst, parseSync } from 'vite'
import { expect, test } from 'vitest'
import { routesOf } from '#workers/bot/feature.ts'
import { readConfig } from '#shop/config.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { acts } from '#shop/acts.ts'
import { features } from '#shop/screens.ts'
import { settingGroups } from '#shop/settings.ts'
import { starPrice } from '#shared/settings/economy.ts'
import { sources } from '../lib/sources.ts'
import type { Source } from '../lib/sources.ts'

const WORDS = /^[a-z]+(-[a-z]+)*$/

test('the key of a setting is words joined by dashes', () => {
  const keys = Object.values(settingGroups)
    .flat()
    .map(({ type }) => type.key)
  expect(keys.length).toBeGreaterThan(25)
  expect(keys.filter((key) => !WORDS.test(key))).toEqual([])
})

test('a setting that was kept under its former key is read, and the next change writes the key of now', async () => {
  const rows = [{ bot: '', key: 'stars.price', value: '3' }]
  const sql = { rows: async () => rows }
  const settings = createSettings(sql as never, readConfig({ DATA_DIR: '/tmp' }))
  expect(await settings.get(starPrice, 'art')).toBe('3')
  expect(await settings.origin(starPrice, 'art')).toBe('all')
  rows.push({ bot: '', key: 'star-price', value: '4' })
  settings.forget()
  expect(await settings.get(starPrice, 'art')).toBe('4')
})

test('a route is words joined by dashes, of which the first may be the letter of a section; commands join them by underscores', () => {
  const pick = (tables: (Record<string, unknown> | undefined)[]) =>
    tables.flatMap((table) => Object.keys(table ?? {}))
  const routes = pick(features.flatMap((one) => [one.buttons, one.adminButtons, one.inputs, one.adminInputs]))
  expect(routes.length).toBeGreaterThan(150)
  expect(routes.filter((name) => !WORDS.test(name) || !/[aeiouy]|csv/.test(name))).toEqual([])
  const commands = pick(features.flatMap((one) => [one.commands, one.adminCommands]))
  expect(commands.filter((name) => !/^[a-z]+(_[a-z]+)*$/.test(name))).toEqual([])
})

test('a key of an earlier release goes on working by the former name of its route', () => {
  const routes = routesOf(features, acts)
  const former = features.flatMap(({ formerly }) => Object.entries(formerly ?? {}))
  expect(former.length).toBeGreaterThan(20)
  for (const [old, name] of former) {
    const now = routes.buttons.get(name) ?? routes.adminButtons.get(name)
    expect(now, name).toBeDefined()
    expect(routes.buttons.get(old) ?? routes.adminButtons.get(old), old).toBe(now)
    expect(routes.acts[old], old).toBe(routes.acts[name])
    expect(routes.minimumRole.get(old), old).toBe(routes.minimumRole.get(name))
    expect(routes.mayWait.has(old), old).toBe(routes.mayWait.has(name))
    expect(routes.open.has(old), old).toBe(routes.open.has(name))
  }
})

test('the code of an error is its subject, a dot, and what is wrong with it', () => {
  const codes = sources('src/**/*.ts').flatMap(({ path, text }) =>
    [...text.matchAll(/\bnew (?:UserError|Rejected)\('([^']+)'/g)].map(([, code]) => ({ path, code: code! })),
  )
  expect(codes.length).toBeGreaterThan(150)
  expect(codes.filter(({ code }) => !/^[a-z]+\.[a-z]+(-[a-z]+)*$/.test(code))).toEqual([])
})

/** Words for which the glossary of docs/architecture.md has another one -> the stored names that keep them. */
const OTHER_WORDS: [RegExp, string[]][] = [
  [
    /broadcast/i,
    ['broadcast', 'broadcasts', 'broadcastId', 'broadcastRecipients', 'notBroadcast', 'allow_paid_broadcast'],
  ],
  [
    /image/i,
    ['image', 'images', 'images_admin', 'welcomeImageUrl', 'drawImage', 'image_input', 'input_image'],
  ],
  [/generation/i, ['generation']],
  [/fragment/i, ['fragment']],
  // The payer of a receipt, in the vendor's word.
  [/customer|client(?:ele|s)$|(?<!re)seller/i, ['customer']],
]

test('names in the code use the words of the glossary; what is stored keeps its own', () => {
  const names = new Set(
    sources('src/**/*.ts').flatMap(({ path, text }) => namesIn(parseAst(text, { lang: 'ts' }, path))),
  )
  expect(names.size).toBeGreaterThan(5000)
  const wrong = [...names].filter((name) =>
    OTHER_WORDS.some(([word, stored]) => word.test(name) && !stored.includes(name)),
  )
  expect(wrong).toEqual([])
  const spoken = sources('src/**/*.ts').filter(({ text }) =>
    /^\s*(?:\/\/|\/?\*).*\bcustomers?\b/im.test(text),
  )
  expect(spoken.map(({ path }) => path)).toEqual([])
})

function namesIn(node: object): string[] {
  const { type, name } = node as { type?: string; name?: unknown }
  const own = type === 'Identifier' && typeof name === 'string' ? [name] : []
  const below = Object.values(node).flat()
  return [...own, ...below.flatMap((one) => (typeof one === 'object' && one !== null ? namesIn(one) : []))]
}

/** The folders whose comments are read. */
const COMMENTED = ['bench', 'bin', 'migrations', 'packages', 'sandbox', 'src', 'tests', 'web']

/**
 * Beginnings of comments that have no subject, or a pronoun whose noun the reader has to guess. Those after the bar are
 * refused at the beginning of any sentence.
 */
const RIDDLE = new RegExp(
  String.raw`^(Of|It|Its|They|Their|Them|Ours|Theirs|Whom|One (that|who|whose)|Shown|Said|Told|Asked|Kept|Seen)\b` +
    String.raw`|^(As (it|they)|(Some|Most|None|All) of them)\b|\bof now\b` +
    String.raw`|(^|[.!?] )(So many|So long|Whoever|Whatever|What of|Those of)\b`,
)

test.each([
  'Whoever goes elsewhere gets their own keyboard back.',
  'What of it; what is not said does not matter.',
  'So many of these at once.',
  'Of `promo_campaigns as c`.',
  'It is locked first. So long nobody else waits.',
  'Those of a person are few.',
  'As it is typed.',
  'Some of them have the message perhaps.',
  'The page shows the state of now.',
])('a comment such as “%s” is a riddle', (comment) => {
  expect(comment).toMatch(RIDDLE)
})

test('a comment is a sentence that names what it speaks of, and no riddle', () => {
  const comments = sources(...COMMENTED.map((folder) => `${folder}/**/*.{ts,tsx}`)).flatMap(commentsIn)
  expect(comments.length).toBeGreaterThan(4000)
  const riddles = comments.filter(({ text }) => RIDDLE.test(text))
  expect(riddles.map(({ at, text }) => `${at} ${text}`)).toEqual([])
})

/** The comments of a file, each as one line; lines of `//` that follow one another are one comment. */
function commentsIn({ path, text: code }: Source): { at: string; text: string }[] {
  const found: { at: string; text: string }[] = []
  let end = -1
  for (const { type, value, start, end: last } of parseSync(path, code).comments) {
    const text = value
      .replace(/^\*/, '')
      .replaceAll(/\n\s*\*? ?/g, ' ')
      .trim()
    const previous = found.at(-1)
    if (previous && type === 'Line' && end >= 0 && code.slice(end, start).trim() === '')
      previous.text += ` ${text}`
    else found.push({ at: `${path}:${code.slice(0, start).split('\n').length}`, text })
    end = type === 'Line' ? last : -1
  }
  return found
}
