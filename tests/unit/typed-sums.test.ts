import { describe, expect, test } from 'vitest'
import { readConfig } from '#shop/config.ts'
import { parseAmount, readTyped, readTypedWithin } from '#shared/money.ts'
import type { Asset } from '#shared/money.ts'
import { readSetting, typed } from '#shared/settings/edit.ts'
import type { SettingForm } from '#shared/settings/edit.ts'
import type { SettingType } from '#shared/settings/settings.ts'
import { z } from 'zod'
import { parseCommand } from '#shop/admin/bot/adjust-command.ts'
import { goods } from '#shop/goods.ts'
import { readCampaign } from '#shop/loyalty/promo/line.ts'
import { discountedEntries } from '#shop/loyalty/promo/bonus.ts'
import { readRules } from '#shop/loyalty/levels/settings.ts'
import { readSums } from '#shop/stars-premium/bot/admin-prices.ts'
import { sources } from '../lib/sources.ts'

/** How a sum is read: its value, or the two readings that the person is asked about. */
function tried(read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    const { code, params } = error as { code: string; params: Record<string, string> }
    return code === 'amount.unclear' ? [params.small, params.large] : code
  }
}

const setting = (form: SettingForm) =>
  typed(
    {
      key: 'x',
      schema: z.unknown().refine((value) => value !== undefined),
      fallback: () => 0,
    } as SettingType<unknown>,
    form,
  )

describe('a typed sum that reads two ways (F62)', () => {
  test.each<[string, Asset, unknown]>([
    ['1.000', 'RUB', ['1', '1000']],
    ['1,000', 'RUB', ['1', '1000']],
    ['100.000', 'RUB', ['100', '100000']],
    ['-2.500', 'EUR', ['-2.5', '-2500']],
    ['+1,050', 'USD', ['1.05', '1050']],
    ['1.000', 'TOK', ['1', '1000']],
    ['25.000', 'XTR', ['25', '25000']],
    // Coins have thousandths, so a point is a decimal point. A comma is a decimal sign in some countries only.
    ['1.250', 'TON', 1_250_000_000n],
    ['1.000', 'USDT', 1_000_000n],
    ['1,250', 'TON', ['1.25', '1250']],
    // These sums have only one reading.
    ['0,125', 'TON', 125_000_000n],
    ['1 000', 'RUB', 100_000n],
    ['1 000.00', 'RUB', 100_000n],
    ['1000.5', 'RUB', 100_050n],
    ['99,50', 'RUB', 9_950n],
    ['5.1000', 'RUB', 510n],
    // A thousandth of a rouble and half a token do not exist.
    ['1.234', 'RUB', 'amount.invalid'],
    ['1.500', 'TOK', 'amount.invalid'],
    ['1.000.000', 'RUB', 'amount.invalid'],
  ])('%s %s', (text, asset, wanted) => {
    expect(tried(() => readTyped(text, asset))).toEqual(wanted)
  })

  test('where only one of the readings can be paid, nobody is asked', () => {
    const limits = { min: 5_000n, max: 10_000_000n }
    const read = (text: string) => tried(() => readTypedWithin(text, 'RUB', limits))
    expect([read('1.000'), read('1,000'), read('300.000')]).toEqual([100_000n, 100_000n, 30_000n])
    expect([read('70.000'), read('1.234'), read('500')]).toEqual([['70', '70000'], 'amount.invalid', 50_000n])
    expect(tried(() => readTypedWithin('1.000', 'RUB', { min: 1n, max: 10n }))).toEqual(['1', '1000'])
  })

  test('sums that other programs write are read as before', () => {
    expect(parseAmount('1.000', 'RUB')).toBe(100n)
    expect(tried(() => parseAmount('1,000', 'RUB'))).toBe('amount.invalid')
  })

  test('is asked about wherever a line has a sum', () => {
    const campaign = (line: string) => readCampaign(line, 1n, discountedEntries(goods))
    const asked: [string, () => unknown][] = [
      ['1.000', () => parseCommand('1002 1.000 TOK present')],
      ['100.000', () => parseCommand('1002 100.000 RUB present')],
      ['1.000', () => readSetting(setting({ kind: 'money', asset: 'RUB' }), '1.000')],
      ['1.000', () => readSetting(setting({ kind: 'money', asset: 'TOK', asText: true }), '1.000')],
      ['5.000', () => readSetting(setting({ kind: 'sums', asset: 'RUB' }), '100; 5.000')],
      ['5.000', () => readSetting(setting({ kind: 'amounts' }), 'TON 1.250, RUB 5.000')],
      ['5,000', () => readSetting(setting({ kind: 'amounts' }), 'TOK 10,RUB 5,000')],
      ['1.000', () => campaign('amount 1.000 SPRING 100 asset=RUB')],
      ['1.000', () => campaign('tokens 1.000 SPRING 100')],
      ['5.000', () => campaign('percent 20 SPRING 100 min=5.000')],
      ['5.000', () => campaign('percent 20 SPRING 100 asset=RUB max=5.000')],
      ['1.000', () => readRules('payment in RUB 1.000: 10')],
      ['2.000', () => readSums('3:799 6:2.000')],
      ['1.000', () => readSums('TON:1.000 USDT:90')],
    ]
    for (const [text, read] of asked) {
      const whole = text.replace(/[.,]/, '')
      expect(tried(read), text).toEqual([String(Number(text.replace(',', '.'))), whole])
    }
  })

  test('a number of days or per cent with a point is refused, and one of XP', () => {
    for (const line of ['percent 1.000 A 1', 'days 1.000 A 1 plan=pro', 'discount 1.000 A 1 product=any'])
      expect(tried(() => readCampaign(line, 1n, discountedEntries(goods)))).toBe('promo.line')
    expect(tried(() => readSetting(setting({ kind: 'pairs', as: 'numbers' }), 'training 1.000'))).toBe(
      'setting.invalid',
    )
  })

  test('in the environment it stops the start', () => {
    const env = { PREMIUM_PRICES_RUB: '3:1.000', TON_RUB: '2.000' }
    expect(() => readConfig(env)).toThrow(/TON_RUB must be an amount of RUB.*"2\.000"/)
    expect(() => readConfig(env)).toThrow(/PREMIUM_PRICES_RUB needs a price in RUB.*"3:1\.000"/)
  })

  test('no screen reads a typed sum with the parser for programs', () => {
    const readers = sources('src/**/*.ts')
      .filter(({ path }) => /\/bot\/|\/settings/.test(path))
      .flatMap(({ path, text }) =>
        [...text.matchAll(/parseAmount\(([^()]*(?:\([^()]*\))?[^()]*)\)/g)].map(
          (match) => `${path.replace(/.*src\//, '')} ${match[1]}`,
        ),
      )
    // These files read keys of the shop's own, and settings that were read when they were typed.
    expect(readers.toSorted()).toEqual([
      "shared/settings/rates.ts rates[one] ?? '0', 'SOL'",
      "shared/settings/words.ts price, 'RUB'",
      'shop/admin/bot/adjust.ts sign + step, asset',
      'shop/admin/bot/adjust.ts sum, asset',
      "shop/stars-premium/bot/admin-prices.ts rates.TON, 'RUB'",
      "shop/stars-premium/bot/admin-prices.ts rates.USDT, 'RUB'",
      'workers/bot/unclear-sum.ts one, asset',
    ])
  })
})
