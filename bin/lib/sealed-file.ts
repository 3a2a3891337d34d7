import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { Transform } from 'node:stream'
import type { TransformCallback } from 'node:stream'

/**
 * Files of a backup, encrypted in pieces, so that neither writing nor reading holds a whole file in memory. After
 * the head (a mark and a salt) come pieces of 64 KiB, each AES-256-GCM with a tag of its own. The key is derived
 * from BACKUP_KEY, the salt and the file's name, so no two files share a key and no file can replace another. The
 * nonce of a piece is its number and whether it is the last, so no piece can be left out, moved or cut off.
 */
const MARK = Buffer.from('TKB1')
const SALT_BYTES = 16
const HEAD_BYTES = MARK.length + SALT_BYTES
const PIECE_BYTES = 64 * 1024
const TAG_BYTES = 16

/** Says in a sentence what is wrong with the key, the file or the database to be filled. */
export class CannotOpen extends Error {}

export const isSealed = (head: Uint8Array): boolean => Buffer.from(head).subarray(0, MARK.length).equals(MARK)

const keyOf = (backupKey: string, salt: Buffer, name: string): Buffer =>
  Buffer.from(hkdfSync('sha256', Buffer.from(backupKey, 'base64'), salt, `telekassa backup ${name}`, 32))

function nonceOf(number: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeUInt32BE(number, 4)
  nonce[11] = last ? 1 : 0
  return nonce
}

/** @param name the file's name, which the key depends on */
export function sealing(backupKey: string, name: string): Transform {
  const salt = randomBytes(SALT_BYTES)
  const key = keyOf(backupKey, salt, name)
  const seal = (piece: Buffer, number: number, last: boolean): Buffer => {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(number, last))
    return Buffer.concat([cipher.update(piece), cipher.final(), cipher.getAuthTag()])
  }
  return inPieces(PIECE_BYTES, Buffer.concat([MARK, salt]), 0, () => seal)
}

export function opening(backupKey: string, name: string): Transform {
  const open = (head: Buffer) => {
    const key = keyOf(backupKey, head.subarray(MARK.length), name)
    return (piece: Buffer, number: number, last: boolean): Buffer => {
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(number, last), {
          authTagLength: TAG_BYTES,
        })
        decipher.setAuthTag(piece.subarray(-TAG_BYTES))
        return Buffer.concat([decipher.update(piece.subarray(0, -TAG_BYTES)), decipher.final()])
      } catch {
        throw new CannotOpen(
          number === 0
            ? `${name} does not open: BACKUP_KEY is another one than it was made with, or the file is damaged`
            : `${name} is damaged or cut off after ${number * PIECE_BYTES} bytes: take an older backup`,
        )
      }
    }
  }
  return inPieces(PIECE_BYTES + TAG_BYTES, Buffer.alloc(0), HEAD_BYTES, open)
}

type Work = (piece: Buffer, number: number, last: boolean) => Buffer

/** Passes pieces of one size on. The last piece may be shorter and is marked as the last. */
function inPieces(
  bytes: number,
  before: Buffer,
  headBytes: number,
  start: (head: Buffer) => Work,
): Transform {
  let waiting: Buffer[] = []
  let length = 0
  let number = 0
  let work: Work | undefined = headBytes === 0 ? start(before) : undefined
  const take = (count: number): Buffer => {
    const all = Buffer.concat(waiting)
    waiting = [all.subarray(count)]
    length -= count
    return all.subarray(0, count)
  }
  const guarded = (done: TransformCallback, step: () => void): void => {
    try {
      step()
      done()
    } catch (error) {
      done(error as Error)
    }
  }
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      guarded(done, () => {
        waiting.push(chunk)
        length += chunk.length
        if (!work && length >= headBytes) work = start(take(headBytes))
        // What is left at the end is the last piece, so one whole piece always waits here.
        while (work && length > bytes) stream.push(work(take(bytes), number++, false))
      })
    },
    flush(done) {
      guarded(done, () => {
        if (!work) throw new CannotOpen('the file is cut off: take an older backup')
        stream.push(work(take(length), number, true))
      })
    },
  })
  if (before.length > 0) stream.push(before)
  return stream
}
