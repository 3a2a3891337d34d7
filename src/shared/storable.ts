/**
 * A text from outside as PostgreSQL takes it: it knows neither a NUL nor half of a surrogate pair, in text or in jsonb,
 * and a job that writes one down fails for ever. Both become the character for what cannot be shown.
 */
export const storable = (text: string): string => text.replaceAll('\u0000', '\ufffd').toWellFormed()

const inTexts = (_: string, value: unknown): unknown => (typeof value === 'string' ? storable(value) : value)

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

/** JSON for a jsonb column, of a value that may hold texts from outside as they came. */
export function writeJson(value: unknown): string {
  return JSON.stringify(value ?? null, inTexts)
}
