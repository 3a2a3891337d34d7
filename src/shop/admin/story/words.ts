import { goodTitle } from '#shared/good.ts'
import type { Assortment } from '#shared/good.ts'
import { loadTexts } from '#shared/i18n/texts.ts'
import type { TextParams } from '#shared/i18n/texts.ts'
import { formatAmount } from '#shared/money.ts'
import type { Asset } from '#shared/money.ts'
import { accountName, readerIn } from '#shared/reader.ts'
import type { Reader } from '#shared/reader.ts'

/** What the lines of a story are made of: sentences, and words for the names that the rows store. */
export interface StoryWords {
  t(key: string, params?: TextParams): string
  /** @param key the text for a stored name, if there is one: `state-delivered` */
  named(key: string, name: string): string
  /** Names who acted (`worker:fragment`), or an account together with its owner. */
  whose(what: 'actor' | 'account', name: string): string
  good(good: string): string
  money(amount: bigint, asset: Asset, sign?: 'signed'): string
}

/** Words for operators, who compare a story with logs and rows: English, and every name as it is stored. */
export function rowWords(): StoryWords {
  const { t } = readerIn(loadTexts(), 'en')
  return {
    t,
    named: (_, name) => name,
    whose: (_, name) => name,
    good: (good) => good,
    money: (amount, asset, sign) =>
      `${sign && amount >= 0n ? '+' : ''}${formatAmount(amount, asset)} ${asset}`,
  }
}

/** Words for an admin, in the admin's language. */
export function readerWords(reader: Reader, goods: Assortment): StoryWords {
  const { t, texts, language, money, signed } = reader
  const named = (text: string, name: string) => {
    const key = text.replaceAll(/[._:]/g, '-')
    return texts.has(language, key) ? t(key) : name
  }
  return {
    t,
    named,
    whose(what, name) {
      if (what === 'account') return accountName(reader, name)
      const [kind = '', who = ''] = name.split(':')
      const words = named(`actor-${kind}`, kind)
      return who ? `${words} ${who}` : words
    },
    good: (good) => goodTitle(goods, texts, language, good),
    money: (amount, asset, sign) => (sign ? signed(amount, asset) : money(amount, asset)),
  }
}
