/**
 * Texts that leave the process. PostgreSQL stores neither a NUL nor half of a surrogate pair in text or jsonb, and
 * Telegram refuses half a pair: a job that writes such a text would fail for ever. So texts are cut only by `shorten`
 * and jsonb is written only by `writeJson`; tests/unit/shortening.test.ts refuses other ways.
 */

/** A text from outside as it can be stored: NUL and halves become the character for what cannot be shown. */
export const storable = (text: string): string => text.replaceAll('\u0000', '\ufffd').toWellFormed()

const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
/** UTF-16 units. An emoji of a family of four has 11; a longer sequence is not seen as one character. */
const LONGEST_CHARACTER = 64

/**
 * The first characters of a text, in at most `length` UTF-16 units, which is how Telegram counts its limits. Only
 * whole characters as people see them are kept: a flag or a letter with accents is not torn apart.
 */
export function shorten(text: string, length: number): string {
  if (text.length <= length) return text
  const torn = characters.segment(text.slice(0, length + LONGEST_CHARACTER)).containing(length)!
  if (torn.index > length - LONGEST_CHARACTER && torn.index > 0) return text.slice(0, torn.index)
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, '')
}

function inTexts(_: string, value: unknown): unknown {
  if (typeof value === 'string') return storable(value)
  // Sums are kept as text, because a JSON number is not exact.
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  if (Object.keys(value).every((name) => storable(name) === name)) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [storable(name), one]))
}

/**
 * How JSON writes a NUL and half a pair. Most texts have neither, and then JSON is read and written without a call for
 * each value: these calls were a tenth of the billing worker's time of a credit. A backslash before it in the text itself
 * only costs the slower way.
 */
const STRANGE = /\\u(?:0000|d[89a-f])/i

/**
 * Parses JSON from outside and makes its texts storable. A signature must be checked before, over the original bytes.
 * @throws SyntaxError
 */
export function readJson(text: string): unknown {
  const isPlain = !STRANGE.test(text) && text.isWellFormed()
  return isPlain ? JSON.parse(text) : JSON.parse(text, inTexts)
}

/** Whether all texts of a JSON value, including names, can be stored unchanged. */
export function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return storable(value) === value
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([name, one]) => isStorable(name) && isStorable(one))
}

/**
 * The same JSON value with storable texts. People cannot type a NUL but modified clients can send one; such an update
 * is then handled like any other.
 * @throws RangeError when the value is nested too deep
 */
export function storableJson<T>(value: T): T {
  return isStorable(value) ? value : (readJson(writeJson(value)) as T)
}

/** JSON for a jsonb column and for the queue, from a value that may contain texts from outside. */
export function writeJson(value: unknown): string {
  const plain = plainJson(value ?? null)
  return plain === undefined || STRANGE.test(plain) ? JSON.stringify(value ?? null, inTexts) : plain
}

/** @returns undefined where a value needs to be written by a function: a bigint */
function plainJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}
