const NBSP = '\u00a0'

export const LANGUAGES = ['ru', 'en'] as const
export type Language = (typeof LANGUAGES)[number]

interface Speech {
  /** Of numbers, forms of words, and dates. */
  locale: string
  dates: string
  /** Between thousands, and before a fraction. */
  group: string
  point: string
  /** Whether a sign like € stands before its sum. */
  signFirst: boolean
  /** Between the cells of a table that a spreadsheet of this language opens. */
  cells: ',' | ';'
  /** Forms of the word token, as `Intl.PluralRules` calls them. */
  token: { one: string; few?: string; many?: string; other: string }
  /** Codes of clients whose people read it, as alternatives of a pattern. All others read `OTHERS_READ`. */
  readers?: string
}

/** What differs by language and is no text. Texts are in `locales` and `web/src`. */
export const speech: Record<Language, Speech> = {
  ru: {
    locale: 'ru-RU',
    dates: 'ru-RU',
    group: NBSP,
    point: ',',
    signFirst: false,
    cells: ';',
    token: { one: 'токен', few: 'токена', many: 'токенов', other: 'токена' },
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

/** What people read of whose language nothing is known, and those whose own the shop does not speak. */
export const OTHERS_READ: Language = 'en'

/** Each language that is read by clients of certain codes, with the pattern of these codes. */
export const READ_BY: readonly (readonly [Language, string])[] = LANGUAGES.flatMap((language) => {
  const { readers } = speech[language]
  return readers ? [[language, `^(${readers})`] as const] : []
})

const readers = READ_BY.map(([language, codes]) => [language, new RegExp(`${codes}\\b`, 'i')] as const)

/** The language a Telegram client's code means for us: Russian and its neighbours read Russian, others English. */
export function languageOf(code: string | null | undefined): Language {
  return readers.find(([, codes]) => codes.test(code ?? ''))?.[0] ?? OTHERS_READ
}

export const isLanguage = (text: string): text is Language => (LANGUAGES as readonly string[]).includes(text)

/** The same for each language: `{ ru: make('ru'), en: make('en') }`. */
export const inLanguages = <T>(make: (language: Language) => T): Record<Language, T> =>
  Object.fromEntries(LANGUAGES.map((language) => [language, make(language)])) as Record<Language, T>
