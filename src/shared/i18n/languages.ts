const NBSP = '\u00a0'

export const LANGUAGES = ['ru', 'en'] as const
export type Language = (typeof LANGUAGES)[number]

interface Speech {
  /** The locale for numbers, plural forms and dates. */
  locale: string
  dates: string
  /** The separators between thousands and before the fraction. */
  group: string
  point: string
  /** Whether a sign such as € stands before its sum. */
  signFirst: boolean
  /** The separator between cells of a CSV file that a spreadsheet in this language opens. */
  cells: ',' | ';'
  /** Forms of the word token, as `Intl.PluralRules` calls them. */
  token: { one: string; few?: string; many?: string; other: string }
  /** The same behind "from", where the word has another case. */
  tokenFrom?: { one: string; other: string }
  /**
   * Language codes of clients whose people read this language, as alternatives of a regular expression. Clients with
   * any other code read `OTHERS_READ`.
   */
  readers?: string
}

/** What differs by language besides the texts. The texts are in `locales` and `web/src`. */
export const speech: Record<Language, Speech> = {
  ru: {
    locale: 'ru-RU',
    dates: 'ru-RU',
    group: NBSP,
    point: ',',
    signFirst: false,
    cells: ';',
    token: { one: 'токен', few: 'токена', many: 'токенов', other: 'токена' },
    tokenFrom: { one: 'токена', other: 'токенов' },
    readers: 'ru|uk|be|kk|uz|ky|tg|hy|az',
  },
  en: {
    locale: 'en-US',
    dates: 'en-GB',
    group: ',',
    point: '.',
    signFirst: true,
    cells: ',',
    token: { one: 'token', other: 'tokens' },
  },
}

/** The language for people whose client language is unknown or is not spoken by the shop. */
export const OTHERS_READ: Language = 'en'

/** Pairs of a language and a pattern of the client codes that read it. */
export const READ_BY: readonly (readonly [Language, string])[] = LANGUAGES.flatMap((language) => {
  const { readers } = speech[language]
  return readers ? [[language, `^(${readers})`] as const] : []
})

const readers = READ_BY.map(([language, codes]) => [language, new RegExp(`${codes}\\b`, 'i')] as const)

/** The shop's language for a Telegram client's code: Russian and its neighbours read Russian, all others English. */
export function languageOf(code: string | null | undefined): Language {
  return readers.find(([, codes]) => codes.test(code ?? ''))?.[0] ?? OTHERS_READ
}

export const isLanguage = (text: string): text is Language => (LANGUAGES as readonly string[]).includes(text)

/** Makes one value per language: `{ ru: make('ru'), en: make('en') }`. */
export const inLanguages = <T>(make: (language: Language) => T): Record<Language, T> =>
  Object.fromEntries(LANGUAGES.map((language) => [language, make(language)])) as Record<Language, T>
