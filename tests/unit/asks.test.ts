import { expect, test } from 'vitest'
import { LANGUAGES } from '#shared/i18n/languages.ts'
import { readAsk, serviceTermsOf, writeAsk } from '#shop/shelf/asks.ts'

test('a field that was typed before the shop spoke a language is asked for by the name that it has', () => {
  const terms = { hours: 5, asks: [{ type: 'text', name: { ru: 'Ник' } }] }
  const { hours, asks } = serviceTermsOf({ terms })
  expect(hours).toBe(5)
  for (const language of LANGUAGES) expect(asks[0]?.name[language]).toBe('Ник')
})

test('a field is written as it is typed, with a name for each language', () => {
  const names = LANGUAGES.map((language) => `Server ${language}`).join(' | ')
  const line = `choice | ${names} | EU, US`
  expect(writeAsk(readAsk(line))).toBe(line)
  expect(() => readAsk(`text | ${'a'.repeat(10)}`)).toThrow('item.ask')
})
