import { describe, expect, test } from 'vitest'
import { readConfig } from '#shop/config.ts'
import { UserError } from '#shared/errors.ts'
import { loadTexts } from '#shared/i18n/texts.ts'
import { readSetting, writeSetting } from '#shared/settings/edit.ts'
import { settingWords } from '#shared/settings/words.ts'
import { readerIn } from '#shared/reader.ts'
import { auditWords } from '#shop/admin/journal.ts'
import { features } from '#shop/screens.ts'
import { settingGroups } from '#shop/settings.ts'
import { textOf } from '#workers/bot/settings/setting-scope.ts'
import { sources } from '../lib/sources.ts'

const entries = Object.values(settingGroups).flat()
const texts = loadTexts()

describe('settings that change at run time', () => {
  test('are all in the panel, each once', () => {
    const defined = sources('src/**/*.ts').flatMap(({ text }) =>
      [...text.matchAll(/defineSetting(?:<[^(]*>)?\(\{\s*key: '([^']+)'/g)].map(([, key]) => key!),
    )
    expect(defined.length).toBeGreaterThan(25)
    expect(entries.map(({ type }) => type.key).toSorted()).toEqual(defined.toSorted())
  })

  test('have a human name, their form is explained, and their groups have names, in both languages', () => {
    const keys = [
      ...entries.map(textOf),
      ...Object.keys(settingGroups).map((group) => `settings-group-${group}`),
      ...entries.flatMap(({ edit: { form } }) =>
        form ? [`setting-form-${form.kind === 'own' ? form.name : form.kind}`] : [],
      ),
    ]
    for (const language of ['ru', 'en'] as const) {
      expect(keys.filter((key) => !texts.has(language, key))).toEqual([])
    }
  })

  test('with a screen of their own have one that exists', () => {
    const routes = new Set(features.flatMap(({ adminButtons }) => Object.keys(adminButtons ?? {})))
    const screens = entries.flatMap(({ edit: { screen } }) => screen ?? [])
    expect(screens.filter((route) => !routes.has(route))).toEqual([])
  })

  test('are written as they are typed', () => {
    const config = readConfig({ DATA_DIR: '/tmp' })
    for (const entry of entries.filter(({ edit }) => edit.form)) {
      const value = entry.type.fallback(config)
      const text = writeSetting(entry, value).replace(/ (?:RUB|XTR)$/, '')
      expect([entry.type.key, readSetting(entry, text)]).toEqual([entry.type.key, value])
    }
  })

  test('of words and phrases keep a comma and a semicolon within one', () => {
    const words = entries.find(({ edit }) => edit.form?.kind === 'texts')!
    const value = ['red, blue', 'x;y', 'z']
    expect(readSetting(words, writeSetting(words, value))).toEqual(value)
  })

  const refused = (read: () => unknown): unknown => {
    try {
      return read()
    } catch (error) {
      return error
    }
  }

  test('refuse what is not of their kind, and a number out of range with the range', () => {
    const entry = (key: string) => entries.find(({ type }) => type.key === key)!
    for (const [key, text] of [
      ['xp-rules', 'payment into TOK 1: 10'],
      ['xp-rules', 'payment in TOK 0: 10'],
      ['exchange-rates', 'USD eighty'],
      ['exchange-rates', 'DOGE 1'],
      ['display-currency', 'DOGE'],
      ['payments-presets', '300, -5'],
      ['payments-confirm-above', '-1'],
      ['referral-percents', '10, 60'],
      ['star-price', 'cheap'],
      ['stars-for-sale', '50, 7'],
      ['premium-prices', '3 1,500'],
      ['premium-prices', '5 1500'],
      ['premium-way', 'by post'],
      ['fragment-terms', 'currency ton, warnBalance 50, stopBalance 5, walletVersion V4R2'],
      ['picture-limits', 'atOnce 2, waiting 10'],
    ] as const) {
      expect(() => readSetting(entry(key), text), `${key}: ${text}`).toThrow(UserError)
    }
    for (const [key, text, refusal] of [
      ['gift-days', '400', { code: 'setting.most', params: { text: '400', most: 365 } }],
      ['gift-days', '0', { code: 'setting.least', params: { text: '0', least: 1 } }],
      ['support-days', '99999999999999999999', { code: 'setting.most', params: { most: 3_650 } }],
      ['referral-percents', '10, 60', { code: 'setting.most', params: { most: 50 } }],
      ['picture-limits', 'atOnce 0, waiting 10, perDay 5, freePerDay 0', { code: 'setting.least' }],
      ['gift-days', 'many', { code: 'setting.invalid' }],
    ] as const)
      expect(
        refused(() => readSetting(entry(key), text)),
        `${key}: ${text}`,
      ).toMatchObject(refusal)
    expect(readSetting(entry('display-currency'), 'eur')).toBe('EUR')
    expect(readSetting(entry('activity-xp'), 'training 20, * 5')).toEqual({ training: 20, '*': 5 })
    const rates = 'RUB 1, USD 80,5, EUR 93, USDT 80, TON 250, SOL 11000, TOK 5, XTR 1.8'
    expect(readSetting(entry('exchange-rates'), rates)).toMatchObject({ USD: '80.5', XTR: '1.8' })
    expect(() => readSetting(entry('exchange-rates'), 'USD 80')).toThrow(UserError)
    expect(readSetting(entry('star-price'), '1,755')).toBe('1.755')
    expect(readSetting(entry('premium-prices'), '3 1299,50')).toEqual({ 3: '1299.50' })
    expect(readSetting(entry('picture-prices'), '—')).toEqual({})
    expect(readSetting(entry('picture-words-refused'), 'one\ntwo words\none')).toEqual(['one', 'two words'])
  })
})

test('sums among the settings are read as people write them, in either language', () => {
  const words = (language: 'ru' | 'en', key: string, value: unknown) => {
    const entry = entries.find(({ type }) => type.key === key)!
    return settingWords(readerIn(texts, language), entry, value).replaceAll('\u00a0', ' ')
  }
  expect(words('ru', 'price-buy-rub', 1000n)).toBe('10 ₽')
  expect(words('en', 'price-buy-rub', 1050n)).toBe('₽10.50')
  expect(words('ru', 'display-currency', 'RUB')).toBe('₽')
  expect(words('ru', 'payments-presets', ['30000', '100050'])).toBe('300 ₽ · 1 000,50 ₽')
  expect(words('ru', 'payments-restored-per-day', { RUB: '500000', USDT: '5000000' })).toMatch(
    /^5 000 ₽ · [\d ]+ USDT$/,
  )
  const rates = { RUB: '1', TOK: '10.00', USDT: '80.50', XTR: '1.755' }
  expect(words('ru', 'exchange-rates', rates)).toBe('1 токен = 10 ₽ · 1 USDT = 80,50 ₽ · 1 ⭐ = 1,755 ₽')
  expect(words('en', 'coin-rates', { TON: '250', USDT: '80' })).toBe('1 TON = ₽250 · 1 USDT = ₽80')
  expect(words('ru', 'premium-prices', { 3: '1299.50' })).toBe('3 = 1 299,50 ₽')
})

describe('the audit log', () => {
  test('says nothing of what was not given, and sums in the reader’s way', () => {
    const line = {
      id: 1n,
      at: new Date(),
      bot: 'main',
      actor: 1n,
      name: 'Ada',
      action: 'setting',
      target: 'setting price-buy-rub',
    }
    const details = (given: object) => {
      const reader = readerIn(texts, 'ru')
      return auditWords(reader, settingGroups, { ...line, details: { ...given } }).details
    }
    expect(details({ people: 2, options: {}, audience: {}, wanted: [] })).toBe('получателей: 2')
    expect(details({ from: null, to: '11.00 RUB' }).replace('\u00a0', ' ')).toBe('новое значение: 11 ₽')
  })
})
