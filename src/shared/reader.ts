import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from './context.ts'
import { clock, day, dayAndTime, money, moneyFrom, signedMoney } from './i18n/format.ts'
import { ownTexts } from './i18n/own.ts'
import { languageOf } from './i18n/languages.ts'
import type { TextParams, Texts } from './i18n/texts.ts'
import type { Language } from './i18n/languages.ts'
import type { Asset } from './money.ts'
import { personLanguage } from './people.ts'
import { wordings } from './settings/wordings.ts'

/** Who reads, in which bot. Every text, sum and date for a person goes through a Reader. */
export interface Reader {
  language: Language
  /** The texts in every language, with this bot's own wordings. */
  texts: Texts
  t: (key: string, params?: TextParams) => string
  money: (amount: bigint, asset: Asset) => string
  /** Behind the word "from". */
  moneyFrom: (amount: bigint, asset: Asset) => string
  /** With a plus or a minus, for lines of a history. */
  signed: (amount: bigint, asset: Asset) => string
  day: (at: Date) => string
  /** Day, hour and minute with the name of the zone, for keys and alerts, which take no HTML. */
  time: (at: Date) => string
  /** The same time in a message: Telegram shows it in the reader's own zone, and old clients show the plain words. */
  when: (at: Date) => string
  /** Hour and minute in a message, shown in the reader's own zone as well. */
  clock: (at: Date) => string
}

/** @param texts those of the reader's bot, see botTexts */
export function readerIn(texts: Texts, language: Language): Reader {
  const zoned = (words: string) => `${words} ${texts.t(language, 'time-zone')}`
  const time = (at: Date) => zoned(dayAndTime(language, at))
  const entity = (at: Date, format: string, words: string) =>
    `<tg-time unix="${Math.floor(at.getTime() / 1000)}" format="${format}">${words}</tg-time>`
  return {
    language,
    texts,
    t: (key, params) => texts.t(language, key, params),
    money: (amount, asset) => money(language, amount, asset),
    moneyFrom: (amount, asset) => moneyFrom(language, amount, asset),
    signed: (amount, asset) => signedMoney(language, amount, asset),
    day: (at) => day(language, at),
    time,
    when: (at) => entity(at, 'dt', time(at)),
    clock: (at) => entity(at, 't', zoned(clock(language, at))),
  }
}

/** The name of who gives money or pictures: our own ways in the reader's words, a vendor as it writes its own name. */
export function providerName(
  { texts, language }: Pick<Reader, 'texts' | 'language'>,
  provider: string,
): string {
  const key = `provider-name-${provider}`
  return texts.has(language, key) ? texts.t(language, key) : provider
}

/** An account of the shop in the ledger: `sales`, `api:main`; the one of a provider goes by the provider's name. */
export function accountName(reader: Pick<Reader, 'texts' | 'language'>, account: string): string {
  const [kind = '', whose = ''] = account.split(':')
  if (kind === 'provider') return providerName(reader, whose)
  const key = `account-${kind}`
  const words = reader.texts.has(reader.language, key) ? reader.texts.t(reader.language, key) : kind
  return whose ? `${words} ${whose}` : words
}

/**
 * The texts of a bot including its own wordings; the shop's texts while the database cannot say what the wordings are.
 */
export async function botTexts(app: Pick<Context, 'texts' | 'settings'>, bot: string): Promise<Texts> {
  const own = await app.settings.get(wordings, bot).catch(() => undefined)
  return own ? ownTexts(app.texts, own) : app.texts
}

/**
 * The reader for a person in a bot. Language: the one chosen there, else the client's.
 * @throws when the database is away
 */
export async function readerOf(
  app: Pick<Context, 'db' | 'texts' | 'settings'>,
  bot: string,
  personId: bigint,
): Promise<Reader> {
  const [texts, language] = await Promise.all([botTexts(app, bot), personLanguage(app.db, bot, personId)])
  return readerIn(texts, language)
}

/**
 * A reader for an answer that must not wait. If the database does not answer within `patienceMs`, the reader has the
 * language of the person's client and the shop's own texts.
 */
export async function readerAtOnce(
  app: Pick<Context, 'db' | 'texts' | 'settings'>,
  bot: string,
  from: { id: number; language_code?: string },
  patienceMs: number,
): Promise<Reader> {
  const client = languageOf(from.language_code)
  const within = <T>(answer: Promise<T>, otherwise: T) =>
    Promise.race([answer.catch(() => otherwise), sleep(patienceMs, otherwise, { ref: false })])
  const [texts, language] = await Promise.all([
    within(botTexts(app, bot), app.texts),
    within(personLanguage(app.db, bot, BigInt(from.id), client), client),
  ])
  return readerIn(texts, language)
}
