import { currencySign } from '../i18n/format.ts'
import { isAsset } from '../money.ts'
import type { Asset } from '../money.ts'
import type { Reader } from '../reader.ts'
import { writeSetting } from './edit.ts'
import type { SettingEntry } from './edit.ts'

/** The value as people read it: sums with their currency, in the reader's language. */
export function settingWords({ money }: Pick<Reader, 'money'>, entry: SettingEntry, value: unknown): string {
  const { form } = entry.edit
  const sum = (one: unknown, asset: Asset) => money(BigInt(one as string), asset)
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
    default:
      return writeSetting(entry, value)
  }
}
