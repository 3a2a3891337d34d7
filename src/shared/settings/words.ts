import { currencySign } from '../i18n/format.ts'
import { numberFormat } from '../i18n/intl.ts'
import { isAsset, parseAmount, SCALES } from '../money.ts'
import type { Asset } from '../money.ts'
import type { Reader } from '../reader.ts'
import { writeSetting } from './edit.ts'
import type { SettingEntry } from './edit.ts'

/** The value as people read it: sums with their currency, in the reader's language. */
export function settingWords(
  reader: Pick<Reader, 'money' | 'language'>,
  entry: SettingEntry,
  value: unknown,
): string {
  const { form } = entry.edit
  const sum = (one: unknown, asset: Asset) => reader.money(BigInt(one as string), asset)
  switch (form?.kind) {
    case 'money':
      return sum(value, form.asset)
    case 'sums':
      return (value as string[]).map((one) => sum(one, form.asset)).join(' · ')
    case 'amounts':
      return (
        Object.entries(value as Record<Asset, string>)
          .map(([asset, one]) => sum(one, asset as Asset))
          .join(' · ') || '—'
      )
    case 'choice':
      return isAsset(value as string) ? currencySign(value as Asset) : writeSetting(entry, value)
    case 'pairs':
      if (form.as === 'numbers') return writeSetting(entry, value)
      return (
        Object.entries(value as Record<string, string>)
          .filter(([name]) => name !== 'RUB')
          .map(([name, roubles]) => priceWords(reader, name, roubles))
          .join(' · ') || '—'
      )
    default:
      return writeSetting(entry, value)
  }
}

/** What one unit counts or costs in roubles: `1 ⭐ = 1,4 ₽`. A rate may be finer than a kopeck. */
function priceWords(
  { money, language }: Pick<Reader, 'money' | 'language'>,
  name: string,
  price: string,
): string {
  const unit = isAsset(name) ? money(10n ** BigInt(SCALES[name]), name) : name
  const isFine = /\.\d{3}/.test(price)
  const roubles = isFine
    ? `${numberFormat(language, { maximumFractionDigits: 9 }).format(Number(price))}\u00a0${currencySign('RUB')}`
    : money(parseAmount(price, 'RUB'), 'RUB')
  return `${unit} = ${roubles}`
}
