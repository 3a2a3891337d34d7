import { describe, expect, test } from 'vitest'
import { readHtml } from '#shared/i18n/html.ts'
import { ownTexts, variablesOf } from '#shared/i18n/own.ts'
import { loadTexts } from '#shared/i18n/texts.ts'
import { LANGUAGES } from '#shared/i18n/languages.ts'
import { IN_ALERTS, KEY_BEGINNINGS, ON_KEYS, misfitOf, samplesOf, useOf } from '#shared/i18n/uses.ts'
import { wordingProblem } from '#shared/i18n/own.ts'
import { parseHtml } from '@telekassa/telegram-sandbox'
import { sources } from '../lib/sources.ts'

const texts = loadTexts()

const CALL = /\bt\(\s*(?:[\w.]+,\s*)?(?:'([\w-]+)'|`([\w-]*)\$\{)/g
const named = (text: string) => [...text.matchAll(CALL)].map(([, key, beginning]) => key ?? `${beginning}*`)

/** The arguments of a call, read from behind its bracket. */
function argumentsAt(text: string, from: number): string[] {
  const found: string[] = []
  let start = from
  for (let at = from, depth = 1; at < text.length && depth > 0; at++) {
    if ('([{'.includes(text[at]!)) depth++
    if (')]}'.includes(text[at]!)) depth--
    if (depth === 0 || (depth === 1 && text[at] === ',')) {
      found.push(text.slice(start, at))
      start = at + 1
    }
  }
  return found
}

describe('where texts stand', () => {
  const files = sources('src/**/*.ts').map(({ text }) => text)

  test('the texts on keys are known as such', () => {
    const keys = files.flatMap((text) => [
      ...[...text.matchAll(/\b(button|callbackButton)\(/g)].flatMap((match) =>
        named(argumentsAt(text, match.index + match[0].length)[match[1] === 'button' ? 1 : 0] ?? ''),
      ),
      ...[...text.matchAll(/\{\s*text: ((?:chat\.)?t\([^()]*\)),\s*(?:url|copy_text|web_app)/g)].flatMap(
        ([, call]) => named(call!),
      ),
      ...[...text.matchAll(/buttons: \[\[\['([\w-]+)'/g)].map((match) => match[1]!),
    ])
    expect(keys.length).toBeGreaterThan(150)
    const known = new Set([...ON_KEYS, ...KEY_BEGINNINGS.map((one) => `${one}*`)])
    // A key that is missing in the list counts as a message, which does no harm, so the list may lag behind by a
    // few.
    const missing = [...new Set(keys)].filter((key) => !known.has(key))
    expect(missing.length, missing.join(' ')).toBeLessThan(25)
  })

  test('the answers to presses are known as such', () => {
    const alerts = files.flatMap((text) =>
      [...text.matchAll(/\b(?:toast|alert): /g)].flatMap(({ index }) =>
        named(text.slice(index, index + 160).split(/\n\s*\}|\}\s*\n/)[0]!),
      ),
    )
    const missing = alerts.filter((key) => !key.endsWith('*') && !IN_ALERTS.has(key) && !ON_KEYS.has(key))
    expect(new Set(missing).size, missing.join(' ')).toBeLessThan(25)
  })

  test('the source of a text is read to its end, also behind a choice', () => {
    expect(variablesOf(texts.source('ru', 'sale-term'))).toEqual(['months', 'price'])
  })

  test('each text of ours fits where it stands, with values as long as they come', () => {
    const wrong = LANGUAGES.flatMap((language) =>
      texts.keys(language).flatMap((key) => {
        const source = texts.source(language, key)
        const problems = samplesOf(source, variablesOf(source)).map((sample) =>
          misfitOf(useOf(texts, key), texts.t(language, key, sample)),
        )
        const problem = problems.find((one) => one !== undefined)
        return problem ? [`${language}.${key}: ${JSON.stringify(problem)}`] : []
      }),
    )
    expect(wrong).toEqual([])
  })
})

describe('an own wording', () => {
  const try_ = (name: string, words: string) => {
    const [language, key] = name.split('.') as ['ru' | 'en', string]
    return wordingProblem(texts, language, key, words)
  }
  test.each([
    ['ru.welcome', 'Здравствуйте <3', 'markup', '<3'],
    ['ru.welcome', 'Здравствуйте, <b>{ $name }', 'markup', '<b>'],
    ['ru.welcome', '<b><i>Здравствуйте</b></i>', 'markup', '</b>'],
    ['ru.welcome', '<h1>Магазин</h1>', 'markup', '<h1>Магазин</h1>'],
    ['ru.welcome', 'Скидка < 5 %', 'markup', '< 5 %'],
    ['ru.menu-buy', '<b>Купить</b>', 'markup', '<b>'],
    ['ru.menu-buy', 'Купить &amp; всё', 'markup', '&amp;'],
    ['ru.menu-buy', 'К'.repeat(65), 'long', ''],
    ['en.buy-invoice-description', `{ $tokens } ${'x'.repeat(318)}`, 'long', ''],
    ['en.bot-short-description', 'x'.repeat(121), 'long', ''],
    ['en.bot-description', 'x'.repeat(513), 'long', ''],
    ['en.command-start', 'x'.repeat(257), 'long', ''],
    ['en.setting-saved', 'x'.repeat(201), 'long', ''],
    ['ru.checkout-expired', 'x'.repeat(201), 'long', ''],
    // This text is too long only with the longest values.
    ['en.plan-invoice', `{ $name } ${'x'.repeat(230)}`, 'long', ''],
  ])('%s %j is refused: %s', (name, words, what, piece) => {
    expect(try_(name, words)).toMatchObject({ what, piece })
    // Where an earlier version kept such a wording, the shop's own text stands in its place.
    const [language, key] = name.split('.') as ['ru' | 'en', string]
    const variables = Object.fromEntries(variablesOf(texts.source(language, key)).map((one) => [one, 'x']))
    expect(ownTexts(texts, { [name]: words }).t(language, key, variables)).toBe(
      texts.t(language, key, variables),
    )
  })

  test.each([
    ['ru.welcome', 'Здравствуйте, <b>{ $name }</b> &lt;3 & <a href="https://example.com/?a=1&b=2">сайт</a>'],
    ['ru.welcome', '<blockquote expandable>да</blockquote><span class="tg-spoiler">нет</span>'],
    ['ru.menu-buy', 'Купить & всё'],
    ['en.bot-description', 'x'.repeat(512)],
  ])('%s %j is taken', (name, words) => {
    expect(try_(name, words)).toBeUndefined()
  })

  test('HTML is read as the simulated Telegram reads it', () => {
    const pieces = [
      '<b>',
      '</b>',
      '<i>',
      '</i>',
      '<3',
      '&lt;',
      '&',
      'a',
      '<a href="x">',
      '</a>',
      '<br>',
      '<span>',
      '>',
    ]
    for (let number = 0; number < pieces.length ** 3; number++) {
      const text = [0, 1, 2]
        .map((place) => pieces[Math.floor(number / pieces.length ** place) % pieces.length])
        .join('')
      let theirs: string | undefined
      try {
        theirs = parseHtml(text).text
      } catch {
        theirs = undefined
      }
      const ours = readHtml(text)
      expect(ours.refused === undefined ? ours.text : undefined, text).toBe(theirs)
    }
  })
})
