import { goodTitle } from '#shared/good.ts'
import type { Assortment } from '#shared/good.ts'
import { loadTexts } from '#shared/i18n/texts.ts'
import type { TextParams } from '#shared/i18n/texts.ts'
import { formatAmount } from '#shared/money.ts'
import type { Asset } from '#shared/money.ts'
import type { Reader } from '#shared/reader.ts'

/** What a story's lines are made of: sentences, and the words for what the rows know by names of their own. */
export interface StoryWords {
  t(key: string, params?: TextParams): string
  /** `delivered` of a state, `refund` of a posting: a name as the rows have it, by the beginning of its text's key. */
  named(beginning: string, name: string): string
  /** `worker:fragment`: who acted, or an account, with whose it is. */
  whose(beginning: 'actor' | 'account', name: string): string
  good(good: string): string
  money(amount: bigint, asset: Asset, sign?: 'signed'): string
}

/** For operators, who compare a story with logs and rows: English, and every name as it stands there. */
export function rowWords(): StoryWords {
  const texts = loadTexts()
  const written = (amount: bigint, asset: Asset) => `${formatAmount(amount, asset)} ${asset}`
  return {
    t: (key, params) => texts.t('en', key, params),
    named: (_, name) => name,
    whose: (_, name) => name,
    good: (good) => good,
    money: (amount, asset, sign) => `${sign && amount >= 0n ? '+' : ''}${written(amount, asset)}`,
  }
}

/** For an admin, in their language. */
export function readerWords({ t, texts, language, money, signed }: Reader, goods: Assortment): StoryWords {
  const named = (beginning: string, name: string) => {
    const key = `${beginning}-${name.replaceAll(/[._:]/g, '-')}`
    return texts.has(language, key) ? t(key) : name
  }
  return {
    t,
    named,
    whose(beginning, name) {
      const [kind = '', who = ''] = name.split(':')
      return who ? `${named(beginning, kind)} ${who}` : named(beginning, kind)
    },
    good: (good) => goodTitle(goods, texts, language, good),
    money: (amount, asset, sign) => (sign ? signed(amount, asset) : money(amount, asset)),
  }
}
