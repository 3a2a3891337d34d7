import { describe, expect, test } from 'vitest'
import { isStorable, readJson, shorten, writeJson } from '#shared/storable.ts'
import { sources } from '../lib/sources.ts'

const src = sources('src/**/*.ts', 'bin/**/*.ts').filter(({ path }) => path !== 'src/shared/storable.ts')

describe('F102: a text is shortened at whole characters', () => {
  const family = '👨‍👩‍👧‍👦'
  test.each([
    ['a pictograph', 'хочу 🐱', 6, 'хочу '],
    ['a family', `аб${family}в`, 5, 'аб'],
    ['a second flag', '🇷🇺🇰🇿', 6, '🇷🇺'],
    ['a letter with its accent apart', 'ма\u0438\u0306', 3, 'ма'],
    ['nothing that is torn', 'Привет', 3, 'При'],
    ['nothing at all', 'Привет', 6, 'Привет'],
  ])('with %s at the cut', (_, text, length, short) => {
    expect(shorten(text, length)).toBe(short)
  })

  test('whatever the length, it is never longer and always well formed', () => {
    const text = `a🐱${family}🇷🇺и\u0306${'\u0301'.repeat(200)}👍🏽 конец`.repeat(3)
    for (let length = 0; length <= text.length; length++) {
      const short = shorten(text, length)
      expect(short.length).toBeLessThanOrEqual(length)
      expect(short.isWellFormed()).toBe(true)
      expect(text.startsWith(short)).toBe(true)
    }
  })

  test('a character without an end is cut between its parts: the text is not lost for it', () => {
    expect(shorten(`э${'\u0301'.repeat(500)}`, 100)).toHaveLength(100)
  })
})

describe('F102: JSON for the database holds no half of a character', () => {
  test('in values and in names', () => {
    const half = '🐱'.slice(0, 1)
    const written = writeJson({ [`a${half}`]: [{ text: `кот ${half}` }], nul: 'a\u0000b' })
    expect(JSON.parse(written)).toEqual({ 'a\ufffd': [{ text: 'кот \ufffd' }], nul: 'a\ufffdb' })
    expect(isStorable(readJson('{"\\ud83d":"\\ud83d"}'))).toBe(true)
  })
})

/** The name of a page or an index to which `slice(0, …)` may go: lists, digests and ids are no texts. */
const NO_TEXT =
  /^(-?\d|AT_ONCE|NAMED|PAGE|RANDOM_LENGTH|HISTORY_PAGE|([A-Z]+_)?SHOWN|TOLD|DRAFT|DIGITS|at|at \+ 1|atOnce|VERSIONS|end|scale|-scale|most - 1|-number\.length|member\.index|model\.photoLimit|partitions|query\.limit|name\.indexOf\('\/'\)|Math\.max\(at, 0\))$/
const NO_TEXT_BEFORE = /(toISOString\(\)|digest\('(hex|base64url)'\)|newId\(\))\s*$/

test('F102: no file of the product shortens a text by itself', () => {
  const found = src.flatMap(({ path, text }) => {
    const cuts = [...text.matchAll(/\??\.slice\(\s*0,\s*((?:[^()]|\([^()]*\))*?),?\s*\)/g)]
    const own = cuts
      .filter(({ 1: end = '', index }) => !NO_TEXT.test(end) && !NO_TEXT_BEFORE.test(text.slice(0, index)))
      .map(([written]) => `${path}: ${written}`)
    return [...own, ...[...text.matchAll(/\.substr(ing)?\(/g)].map(([written]) => `${path}: ${written}`)]
  })
  expect(found).toEqual([])
})

test('F102: a file that writes jsonb writes its JSON storable', () => {
  const found = src
    .filter(({ text }) => /::jsonb/.test(text) && /JSON\.stringify/.test(text))
    .map(({ path }) => path)
  expect(found).toEqual([])
})
