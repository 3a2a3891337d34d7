import { expect, test } from 'vitest'
import { inParts } from '../../web/src/panel/pages/form-parts.ts'

test('a long file goes in parts of whole lines, each below a request’s limit, and none is lost', () => {
  const lines = Array.from({ length: 9_000 }, (_, at) => `ключ-${at}`)
  const parts = inParts(lines.join('\r\n'))
  expect(parts.length).toBeGreaterThan(1)
  expect(parts.join('\n').split('\n')).toEqual(lines)
  for (const part of parts) expect(Buffer.byteLength(part)).toBeLessThanOrEqual(40_000)
})

test('an empty file is one empty part, which the shop refuses in words', () => {
  expect(inParts('')).toEqual([''])
  expect(inParts('\n \n')).toEqual([''])
})
