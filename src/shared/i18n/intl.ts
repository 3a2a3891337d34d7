// To make an Intl object takes 20 to 50 µs, to use it 1 µs. So each is made once and kept; their number is bounded by
// the languages and the places in the code.

const kept = new Map<string, unknown>()

function keep<T>(kind: string, locale: string, options: object | undefined, make: () => T): T {
  const name = `${kind} ${locale} ${JSON.stringify(options)}`
  if (!kept.has(name)) kept.set(name, make())
  return kept.get(name) as T
}

export const dateFormat = (locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  keep('date', locale, options, () => new Intl.DateTimeFormat(locale, options))

export const numberFormat = (locale: string, options?: Intl.NumberFormatOptions): Intl.NumberFormat =>
  keep('number', locale, options, () => new Intl.NumberFormat(locale, options))

export const pluralRules = (locale: string): Intl.PluralRules =>
  keep('plural', locale, undefined, () => new Intl.PluralRules(locale))

/**
 * The name of a language, written in another language, for a code that Telegram sends, such as `pt-br`; a text that is
 * no code is returned unchanged.
 */
export function languageName(locale: string, code: string): string {
  const names = keep(
    'language',
    locale,
    undefined,
    () => new Intl.DisplayNames([locale], { type: 'language' }),
  )
  try {
    return names.of(code) ?? code
  } catch {
    return code
  }
}
