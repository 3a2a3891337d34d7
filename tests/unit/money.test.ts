import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { escapeHtml, money, moneyFrom } from '#shared/i18n/format.ts'
import { shorten } from '#shared/storable.ts'
import { ASSETS, MAX_AMOUNT, SCALES, formatAmount, mulDiv, parseAmount } from '#shared/money.ts'

const asset = fc.constantFrom(...ASSETS)
const amount = fc.bigInt(-MAX_AMOUNT, MAX_AMOUNT)

describe('parseAmount (F62)', () => {
  test('reads what formatAmount wrote, for every asset and amount', () => {
    fc.assert(
      fc.property(asset, amount, (code, value) => {
        expect(parseAmount(formatAmount(value, code), code)).toBe(value)
      }),
    )
  })

  test.each([
    ['10', 1000n],
    ['0.1', 10n],
    ['-3,5', -350n],
    ['+7', 700n],
    ['1 000.50', 100_050n],
    ['1\u00a0000\u00a0000', 100_000_000n],
    [' 5 ', 500n],
    ['0', 0n],
    ['5.10', 510n],
    ['5.1000', 510n],
  ])('%j is %s kopecks', (text, kopecks) => {
    expect(parseAmount(text, 'RUB')).toBe(kopecks)
  })

  test.each([
    'NaN',
    'Infinity',
    '-Infinity',
    '1e309',
    '1e2',
    '0x10',
    '１２',
    '٣',
    '1.2.3',
    '1-2',
    '--1',
    '',
    ' ',
    '.5',
    '5.',
    '1 00',
    '10 0',
    '0.001',
    '1/2',
    '1_000',
    '٫5',
    '1\u0000',
    '½',
    '1,000',
    '12,500',
    '5 RUB',
  ])('%j is no amount of roubles', (text) => {
    expect(() => parseAmount(text, 'RUB')).toThrow(expect.objectContaining({ code: 'amount.invalid' }))
  })

  test('0.1 and 0.2 are 0.3', () => {
    expect(parseAmount('0.1', 'USDT') + parseAmount('0.2', 'USDT')).toBe(parseAmount('0.3', 'USDT'))
  })

  test('2^63 and beyond is too much, whatever its length', () => {
    for (const text of [String(2n ** 63n), '9'.repeat(24), '10000000000000000.01']) {
      expect(() => parseAmount(text, 'RUB')).toThrow(expect.objectContaining({ code: 'amount.range' }))
    }
    expect(() => parseAmount('9'.repeat(10_000), 'RUB')).toThrow(
      expect.objectContaining({ code: 'amount.invalid' }),
    )
  })

  test('whatever is typed is an amount within the range or a refusal that can be sent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), asset, (text, code) => {
        try {
          const value = parseAmount(text, code)
          expect(value >= -MAX_AMOUNT && value <= MAX_AMOUNT).toBe(true)
        } catch (error) {
          const { params } = error as { params: { text: string } }
          expect(params.text.isWellFormed()).toBe(true)
        }
      }),
    )
  })
})

describe('mulDiv', () => {
  test('is exact to half a unit, and symmetric', () => {
    fc.assert(
      fc.property(
        amount,
        fc.bigInt(1n, 10n ** 12n),
        fc.bigInt(1n, 10n ** 12n),
        (value, numerator, denominator) => {
          const result = mulDiv(value, numerator, denominator)
          const error = 2n * (result * denominator - value * numerator)
          expect(error <= denominator && error >= -denominator).toBe(true)
          expect(mulDiv(-value, numerator, denominator)).toBe(-result)
        },
      ),
    )
  })
})

describe('sums in texts', () => {
  test('tokens behind «от» are in its case, other sums and English stay as they are', () => {
    const ru = (tokens: bigint) => moneyFrom('ru', tokens, 'TOK').replace('\u00a0', ' ')
    expect([1n, 2n, 5n, 21n, 11n].map(ru)).toEqual([
      '1 токена',
      '2 токенов',
      '5 токенов',
      '21 токена',
      '11 токенов',
    ])
    expect(moneyFrom('ru', 100n, 'RUB')).toBe(money('ru', 100n, 'RUB'))
    expect(moneyFrom('en', 1n, 'TOK')).toBe(money('en', 1n, 'TOK'))
  })

  test('keep every digit', () => {
    fc.assert(
      fc.property(asset, amount, fc.constantFrom('ru' as const, 'en' as const), (code, value, language) => {
        const digits = (text: string) => text.replaceAll(/\D/g, '').replace(/^0+/, '')
        const exact = formatAmount(value, code)
        const shown = money(language, value, code)
        expect(shown).not.toContain('undefined')
        const whole = SCALES[code] > 0 ? exact.replace(/\.?0+$/, '') : exact
        expect([digits(exact), digits(whole)]).toContain(digits(shown))
      }),
    )
  })

  test('a cut text is never longer, and never ends in half an emoji', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 50 }), fc.nat(50), (text, length) => {
        const short = shorten(text, length)
        expect(short.length).toBeLessThanOrEqual(length)
        expect(text.startsWith(short)).toBe(true)
        expect(short.isWellFormed()).toBe(text.isWellFormed())
      }),
    )
  })

  test('escaped text has no mark-up', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"]|&(?!(amp|lt|gt|quot);)/)
      }),
    )
  })
})
