import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readJson, storable, writeJson } from '#shared/storable.ts'

const unit = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.constantFrom(
    '\u0000',
    '\ud83d',
    '\ude00',
    '😀',
    '\\u0000',
    '\\ud83d',
    '\\',
    '"',
    '\u001f',
    'ж',
    '__proto',
  ),
)
const text = fc.array(unit, { maxLength: 5 }).map((parts) => parts.join(''))
const leaf = fc.oneof(
  text,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.date({ noInvalidDate: true }),
)
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.bigInt(),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(text, tie('tree'), { maxKeys: 4 }),
  ),
}))

/** Every text and name of a JSON value made storable, one after another. */
function slowly(value: unknown): unknown {
  if (typeof value === 'string') return storable(value)
  if (typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return value.map(slowly)
  if (value instanceof Date) return value.toJSON()
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [storable(name), slowly(one)]))
}

test('F102 JSON is written with storable texts, whatever is in it: NUL, half a pair, their escapes as text, sums', () => {
  fc.assert(
    fc.property(tree, (value) => {
      expect(writeJson(value)).toBe(JSON.stringify(slowly(value)))
    }),
    { numRuns: 2_000 },
  )
})

test('F102 JSON from outside is read with storable texts, also where a NUL or half a pair is escaped', () => {
  const json = tree.map((value) =>
    JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? String(one) : one)),
  )
  fc.assert(
    fc.property(json, fc.boolean(), (written, upper) => {
      const said = upper ? written.replace(/\\ud/g, '\\uD') : written
      expect(readJson(said)).toEqual(slowly(JSON.parse(said)))
    }),
    { numRuns: 2_000 },
  )
})
