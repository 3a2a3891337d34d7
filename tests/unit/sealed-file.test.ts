import { Readable } from 'node:stream'
import type { Transform } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { describe, expect, test } from 'vitest'
import { CannotOpen, isSealed, opening, sealing } from '../../bin/lib/sealed-file.ts'

const KEY = Buffer.alloc(32, 1).toString('base64')
const PIECE = 64 * 1024

async function through(bytes: Buffer, stream: Transform, chunk = 10_000): Promise<Buffer> {
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, at) =>
    bytes.subarray(at * chunk, (at + 1) * chunk),
  )
  const [out] = await Promise.all([buffer(stream), pipeline(Readable.from(chunks), stream)])
  return out
}
const text = (length: number) => Buffer.from(Array.from({ length }, (_, at) => at % 251))
const refused = (bytes: Buffer, key = KEY, name = 'wallets.copy') =>
  through(bytes, opening(key, name)).then(
    () => 'opened',
    (error: unknown) => (error instanceof CannotOpen ? error.message : error),
  )

describe('F115 a file of a backup', () => {
  test.each([0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 5])(
    'of %d bytes comes back as it was',
    async (length) => {
      for (const chunk of [777, PIECE, 10 * PIECE]) {
        const sealed = await through(text(length), sealing(KEY, 'wallets.copy'), chunk)
        expect(isSealed(sealed)).toBe(true)
        expect((await through(sealed, opening(KEY, 'wallets.copy'), chunk)).equals(text(length))).toBe(true)
      }
    },
  )

  test('does not open with another key, under another name, or with any byte changed', async () => {
    const sealed = await through(text(2 * PIECE + 9), sealing(KEY, 'wallets.copy'))
    expect(await refused(sealed, Buffer.alloc(32, 2).toString('base64'))).toMatch(/BACKUP_KEY is another one/)
    expect(await refused(sealed, KEY, 'entries.copy')).toMatch(/entries.copy does not open/)
    for (const at of [5, 30, PIECE, PIECE + 60, sealed.length - 1]) {
      const changed = Buffer.from(sealed)
      changed[at]! ^= 1
      expect(await refused(changed), `${at}`).toMatch(/damaged/)
    }
  })

  test('that is cut off, at the end of a piece or within, or has a piece moved or left out, is refused', async () => {
    const sealed = await through(text(3 * PIECE + 9), sealing(KEY, 'wallets.copy'))
    const [head, piece] = [20, PIECE + 16]
    for (const length of [3, head, head + 5, head + piece, head + 2 * piece, sealed.length - 1])
      expect(await refused(sealed.subarray(0, length)), `${length}`).toMatch(/damaged|cut off/)
    const at = (number: number) => sealed.subarray(head + number * piece, head + (number + 1) * piece)
    const start = sealed.subarray(0, head)
    expect(await refused(Buffer.concat([start, at(1), at(0), at(2), at(3)]))).toMatch(/damaged/)
    expect(await refused(Buffer.concat([start, at(0), at(2), at(3)]))).toMatch(/damaged/)
  })
})
