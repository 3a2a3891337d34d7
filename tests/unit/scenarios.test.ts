import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { personas } from '../../sandbox/chat/personas.ts'
import { features } from '#shop/screens.ts'

interface Scenario {
  id: string
  text: { en: string; ru: string }
  expected: { en: string; ru: string }
  persona: string
  send?: string
}
// A module of the page: plain JavaScript for browsers, which the compiler does not read.
const page = new URL('../../sandbox/chat/extra/guide-steps.js', import.meta.url).href
const { scenarios } = (await import(page)) as { scenarios: Scenario[] }

type Texts = Record<'en' | 'ru', Record<string, string>>
const PAGE = 'packages/telegram-sandbox/src/page/js'
const textsIn = async (path: string) =>
  (await import(new URL(`../../${path}`, import.meta.url).href)) as Record<string, unknown>
const own = {
  ...(await textsIn(`${PAGE}/words/en.js`)),
  ...(await textsIn(`${PAGE}/words/ru.js`)),
} as Texts
const added = (await textsIn('sandbox/chat/extra/words.js'))['words'] as Texts

describe('the texts of the chat page', () => {
  test('are there in both languages', () => {
    expect(Object.keys(own.ru).toSorted()).toEqual(Object.keys(own.en).toSorted())
    expect(Object.keys(added.ru).toSorted()).toEqual(Object.keys(added.en).toSorted())
  })

  test.each([
    ['the page of any bot', `${PAGE}/*.js`, own.en],
    ['what the shop adds to it', 'sandbox/chat/extra/*.js', { ...own.en, ...added.en }],
  ])('%s names no text that is not there', (_, files, texts) => {
    const named = globSync(files).flatMap((file) => [
      ...readFileSync(file, 'utf8').matchAll(/\bt\(\s*'(\w+)'|title: '(\w+)'/g),
    ])
    expect(named.length).toBeGreaterThan(30)
    expect(named.map(([, key, title]) => key ?? title!).filter((key) => !(key in texts))).toEqual([])
  })
})

const words = (language: string) =>
  globSync(`locales/${language}/*.ftl`)
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')

describe('the scenarios of the sandbox can be done as they are written', () => {
  test.each(['en', 'ru'] as const)(
    'each key that they name stands on a key of the bot, in %s',
    (language) => {
      const values = new Set([...words(language).matchAll(/^[a-z0-9_-]+ = (.+)$/gm)].map((found) => found[1]))
      const named = scenarios.flatMap(({ id, text, expected }) =>
        [text, expected].flatMap((one) =>
          [...one[language].matchAll(/[«“]([^»”]+)[»”]/g)].map((found) => ({ id, key: found[1]! })),
        ),
      )
      expect(named.length).toBeGreaterThan(5)
      // Telegram's own key of an empty chat is left out.
      const isPersona = (key: string) =>
        personas.some(({ label }) => label[language].slice(0, 3) === key.slice(0, 3))
      expect(named.filter(({ key }) => key !== 'Начать' && !values.has(key) && !isPersona(key))).toEqual([])
    },
  )

  test('what they send is a command that the persona has', () => {
    const everybody = new Set(features.flatMap(({ commands }) => Object.keys(commands ?? {})))
    const admins = new Set(features.flatMap(({ adminCommands }) => Object.keys(adminCommands ?? {})))
    for (const { id, persona, send } of scenarios) {
      const command = send?.slice(1)
      if (command === undefined) continue
      const has = everybody.has(command) || (persona === 'admin' && admins.has(command))
      expect({ id, command, has }).toEqual({ id, command, has: true })
    }
  })

  test('whoever they are for can be met in the language of the page', () => {
    const newcomers = personas.filter(({ key }) => key === 'new').map((one) => one.language_code)
    expect(newcomers.toSorted()).toEqual(['en', 'ru'])
    for (const { persona } of scenarios) expect(personas.map(({ key }) => key as string)).toContain(persona)
  })
})
