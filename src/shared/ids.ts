import { createHash, randomBytes } from 'node:crypto'

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/**
 * A new random id: 16 characters, 80 bits, without letters that are easily confused. For orders, payments and tokens
 * in texts.
 */
export function newId(): string {
  return encode(randomBytes(10))
}

/** An id made from parts: the same parts give the same id, so a second click makes the same order. */
export function idFrom(...parts: (string | number | bigint)[]): string {
  return encode(createHash('sha256').update(parts.join('\u0000')).digest().subarray(0, 10))
}

const ALL_IDS = new RegExp(`(?<![0-9a-z])[${ALPHABET}]{16}(?![0-9a-z])`, 'g')

/**
 * Everything that looks like one of our ids in a text or in JSON. JSON's escapes (`\n`, `\u003c`) are removed first,
 * because their letters would join the word behind them.
 */
export function idsIn(text: string): string[] {
  const plain = text.includes('\\') ? text.replaceAll(/\\+(?:u[0-9a-f]{4}|[bfnrt])?/g, ' ') : text
  return [...new Set(plain.match(ALL_IDS))]
}

/**
 * Reads a Telegram id as people write it.
 * @returns undefined for any other text, and for numbers that a bigint of the database cannot hold
 */
export function personIdIn(text: string): bigint | undefined {
  if (!/^[1-9]\d{0,18}$/.test(text)) return undefined
  const id = BigInt(text)
  return id < 2n ** 63n ? id : undefined
}

function encode(bytes: Buffer): string {
  let bits = BigInt(`0x${bytes.toString('hex')}`)
  let text = ''
  for (let index = 0; index < 16; index++) {
    text = ALPHABET[Number(bits & 31n)]! + text
    bits >>= 5n
  }
  return text
}
