import { expect, test } from 'vitest'
import { ownTexts, textName, variablesOf } from '#shared/i18n/own.ts'
import { loadTexts } from '#shared/i18n/texts.ts'

const texts = loadTexts()

test('a bot says in its own words what it has own words for, and everything else as all bots do', () => {
  const own = ownTexts(texts, { 'en.welcome': 'Ahoy, <b>{ $name }</b>!\nCome in.' })
  expect(own.t('en', 'welcome', { name: 'Ann' })).toBe('Ahoy, <b>Ann</b>!\nCome in.')
  expect(own.t('ru', 'welcome', { name: 'Анна' })).toContain('Здравствуйте')
  expect(own.t('en', 'health-ok')).toBe(texts.t('en', 'health-ok'))
})

test.each([
  ['a variable that the text does not have', 'Hello { $surname }'],
  ['braces that do not close', 'Hello { $name'],
  ['nothing but space', '   '],
])('an own wording with %s does not cost the message: the shop’s own text is sent', (_what, wording) => {
  expect(ownTexts(texts, { 'en.welcome': wording }).t('en', 'welcome', { name: 'Ann' })).toContain('Ann')
})

test.each(['* first, { $name }\n* second', '[news] { $name }', 'Hello { $name }\n.hidden\n[link]\n*note*'])(
  'lines that begin with a sign of Fluent are kept: %j',
  (wording) => {
    const own = ownTexts(texts, { 'en.welcome': wording })
    expect(own.t('en', 'welcome', { name: 'Ann' })).toBe(
      wording.replace('{ $name }', 'Ann').replace('{ "{" }', '{'),
    )
  },
)

test('the cases of a choice stay cases, and a line after them is text again', () => {
  const own = ownTexts(texts, {
    'en.welcome': '{ $name ->\n    [Ann] Dear Ann\n   *[other] Hello\n}\n* shop',
  })
  expect(own.t('en', 'welcome', { name: 'Ann' })).toBe('Dear Ann\n* shop')
  expect(own.t('en', 'welcome', { name: 'Bob' })).toBe('Hello\n* shop')
})

test('every text knows its source and its variables', () => {
  expect(texts.source('en', 'buy-pay')).toBe('Pay { $stars }')
  expect(variablesOf(texts.source('en', 'buy-invoice')).toSorted()).toEqual(['number', 'stars', 'tokens'])
  for (const key of texts.keys('ru')) expect(texts.source('ru', key), key).not.toBe('')
})

test('the name of a text that does not exist is refused, and quoted', () => {
  expect(textName(texts, 'ru.welcome')).toEqual({ language: 'ru', key: 'welcome' })
  for (const name of ['welcome', 'xx.welcome', 'ru.nothing', '', 'ru.']) {
    expect(() => textName(texts, name)).toThrow('text.unknown')
  }
})
