import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { goodTitle, operationDetail } from '#shared/good.ts'
import { loadTexts } from '#shared/i18n/texts.ts'
import { readerIn } from '#shared/reader.ts'
import { goods } from '#shop/goods.ts'
import { countOf, premiumOf, starsOf } from '#shop/stars-premium/good.ts'
import { saleOf } from '#shop/stars-premium/orders.ts'
import { sources } from '../lib/sources.ts'

const texts = loadTexts()

describe('goods', () => {
  test('admins read a good by its name in their language, whatever its entries are called', () => {
    const names = (language: 'ru' | 'en') =>
      Object.fromEntries(goods.map(({ kind }) => [kind, goodTitle(goods, texts, language, kind)]))
    expect(names('ru')).toEqual({
      stars: 'Звёзды',
      premium: 'Premium',
      'telegram-gift': 'Подарок Telegram',
      image: 'Картинка',
      subscription: 'Подписка',
      item: 'Товар',
    })
    expect(names('en')).toEqual({
      stars: 'Stars',
      premium: 'Premium',
      'telegram-gift': 'Telegram gift',
      image: 'Picture',
      subscription: 'Plan',
      item: 'Item',
    })
    expect(goodTitle(goods, texts, 'en', 'sold-last-year')).toBe('sold-last-year')
  })

  test('no two goods have the same kind or the same kind of entries', () => {
    expect(new Set(goods.map(({ kind }) => kind)).size).toBe(goods.length)
    expect(new Set(goods.map(({ entry }) => entry)).size).toBe(goods.length)
  })

  test('the details of orders say how many units they are for', () => {
    const count = (kind: string, details: unknown) => {
      const { order } = goods.find((good) => good.kind === kind)!
      return order!.count(order!.details.parse(details))
    }
    expect(count('stars', { goods: { kind: 'stars', quantity: 50 }, way: 'fragment' })).toBe(50)
    expect(count('premium', { goods: { kind: 'premium', months: 12 }, recipients: [] })).toBe(12)
    const teddy = { kind: 'telegram-gift', gift: '5', emoji: '🧸', stars: 15 }
    expect(count('telegram-gift', { goods: teddy })).toBe(1)
    expect(count('image', {})).toBe(1)
    expect(count('item', { item: '7', name: 'A key', kind: 'stock' })).toBe(1)
    expect(() => count('stars', { goods: { kind: 'premium', months: 3 } })).toThrow(z.ZodError)
  })

  test('what an order for Stars keeps is read from its details, and an order for something else is refused', () => {
    const details = {
      goods: { kind: 'stars', quantity: 50 },
      recipients: [],
      way: 'fragment',
      unitPrice: '7500',
      cost: null,
      costRub: null,
      stage: null,
    }
    expect(saleOf({ details }).goods).toEqual({ kind: 'stars', quantity: 50 })
    expect(() => saleOf({ details: {} })).toThrow(z.ZodError)
    expect(() => saleOf({ details: { ...details, goods: { kind: 'premium', months: 5 } } })).toThrow(
      z.ZodError,
    )
  })

  test.each([starsOf(6), premiumOf(6)])('what an order for six of $kind keeps counts six', (of) => {
    expect(countOf(of)).toBe(6)
  })

  test('no file but good.ts keeps a list of goods', () => {
    const words = goods.flatMap(({ kind, entry }) => [kind, entry])
    const word = `'(?:${[...new Set(words)].join('|')})'`
    const handKept = [
      // Two goods side by side, also across the end of a line: 'stars', 'premium' or 'stars' || … 'premium'.
      new RegExp(`${word}[\\s,|\\])(]+${word}`),
      // A comparison with a good: good = 'image', goods.kind === 'stars', order.good !== 'premium'.
      new RegExp(`\\b(?:good|goods\\.kind)\\s*(?:=|===|!==|<>)\\s*${word}`),
      /\bgood\s+in\s*\(/,
      /\? \w+\.quantity : \w+\.months/,
    ]
    // The ledger names every kind of entry that exists, and adapters speak to a vendor in the vendor's own words.
    const may =
      /\/good\.ts$|^src\/shared\/money\/ledger\.ts$|^src\/shop\/stars-premium\/(reseller\/|star-gifts\.ts$)/
    const files = sources('src/**/*.ts').filter(({ path }) => !may.test(path))
    const found = files.flatMap(({ path, text }) =>
      handKept.flatMap((pattern) => (pattern.test(text) ? `${path}: ${pattern.exec(text)![0]}` : [])),
    )
    expect(found).toEqual([])
  })
})

test.each([
  ['premium', '3 · @friend', '3 мес. · @friend'],
  ['stars', '50 · @friend', '50 · @friend'],
  ['payment', 'mulenpay', 'Карта РФ или СБП · MulenPay'],
  ['refund', 'mulenpay', 'Карта РФ или СБП · MulenPay'],
  ['adjustment', 'mulenpay', 'mulenpay'],
])('an operation of the kind %s that is described as "%s" is read as "%s"', (kind, description, words) => {
  const reader = readerIn(texts, 'ru')
  expect(operationDetail(goods, reader, { kind, description })).toBe(words)
})
