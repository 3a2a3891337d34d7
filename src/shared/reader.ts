import type { Context } from './context.ts'
import { money } from './i18n/format.ts'
import { ownTexts } from './i18n/own.ts'
import type { Language, TextParams, Texts } from './i18n/texts.ts'
import type { Asset } from './money.ts'
import { personLanguage } from './people.ts'
import { wordings } from './settings/wordings.ts'

/** Who reads, in which bot: every text and every sum for a person goes through one of these. */
export interface Reader {
  language: Language
  /** All languages, in the words of this bot. */
  texts: Texts
  t: (key: string, params?: TextParams) => string
  money: (amount: bigint, asset: Asset) => string
}

/** @param texts those of the reader's bot, see botTexts */
export function readerIn(texts: Texts, language: Language): Reader {
  return {
    language,
    texts,
    t: (key, params) => texts.t(language, key, params),
    money: (amount, asset) => money(language, amount, asset),
  }
}

/** The texts of a bot, its own wordings among them; those of the shop while nobody can say what its own are. */
export async function botTexts(app: Pick<Context, 'texts' | 'settings'>, bot: string): Promise<Texts> {
  const own = await app.settings.get(wordings, bot).catch(() => undefined)
  return own ? ownTexts(app.texts, own) : app.texts
}

/** A person in a bot: in the language that they chose there, else their client's. @throws when the database is away */
export async function readerOf(
  app: Pick<Context, 'db' | 'texts' | 'settings'>,
  bot: string,
  personId: bigint,
): Promise<Reader> {
  const [texts, language] = await Promise.all([botTexts(app, bot), personLanguage(app.db, bot, personId)])
  return readerIn(texts, language)
}
