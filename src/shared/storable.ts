/**
 * Texts on their way out of the process. PostgreSQL knows neither a NUL nor half of a surrogate pair, in text or in
 * jsonb, and Telegram refuses half of a pair, too: a job that writes such a text fails for ever. So texts are cut by
 * `shorten` alone and jsonb is written by `writeJson` alone; tests/unit/shortening.test.ts refuses other ways.
 */

/** A text from outside as it can be stored: NUL and halves become the character for what cannot be shown. */
export const storable = (text: string): string => text.replaceAll('\u0000', '\ufffd').toWellFormed()

const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
/** UTF-16 units. A family of four has 11; whatever is longer is no character that a person sees as one. */
const LONGEST_CHARACTER = 64

/**
 * The first characters of a text, whole, in at most so many UTF-16 units, as Telegram counts its limits. A character is
 * what people take for one: a flag and a letter with its accents are not torn apart.
 */
export function shorten(text: string, length: number): string {
  if (text.length <= length) return text
  const torn = characters.segment(text.slice(0, length + LONGEST_CHARACTER)).containing(length)!
  if (torn.index > length - LONGEST_CHARACTER && torn.index > 0) return text.slice(0, torn.index)
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, '')
}

function inTexts(_: string, value: unknown): unknown {
  if (typeof value === 'string') return storable(value)
  // Sums that admins type are kept as text: a number of JSON is not exact.
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  if (Object.keys(value).every((name) => storable(name) === name)) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [storable(name), one]))
}

/** JSON from outside, its texts storable. What is signed is checked over the bytes before. @throws SyntaxError */
export function readJson(text: string): unknown {
  return JSON.parse(text, inTexts)
}

/** Whether every text of a JSON value, its names too, can be stored as it is. */
export function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return storable(value) === value
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([name, one]) => isStorable(name) && isStorable(one))
}

/**
 * The same JSON value with storable texts. People cannot type a NUL and changed clients can send it: such an update is
 * handled like any other. @throws RangeError when it is nested too deep
 */
export function storableJson<T>(value: T): T {
  return isStorable(value) ? value : (readJson(writeJson(value)) as T)
}

/** JSON for a jsonb column and for the queue, of a value that may hold texts from outside as they came. */
export function writeJson(value: unknown): string {
  return JSON.stringify(value ?? null, inTexts)
}
