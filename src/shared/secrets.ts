import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/** Everything that the operator's key is used for. Each purpose has a key of its own, derived from ENCRYPTION_KEY. */
export interface Secrets {
  /** AES-256-GCM. The name is part of the authenticated data, so that one ciphertext cannot replace another. */
  encrypt(name: string, text: string): Buffer
  /** @throws when the bytes were changed, or made for another name or with another key */
  decrypt(name: string, bytes: Uint8Array): string
  /** A short code that nobody else can make: `length` characters of base64url with 6 bits each. */
  sign(purpose: string, text: string, length: number): string
  verify(purpose: string, text: string, code: string): boolean
}

const VERSION = 1
const IV_BYTES = 12
const TAG_BYTES = 16

/**
 * @param encryptionKey 32 bytes in base64: seals and signs
 * @param otherKey a second key that only opens and verifies, while the key is being changed
 */
export function createSecrets(encryptionKey: string, otherKey?: string): Secrets {
  const own = keysFrom(encryptionKey)
  const all = otherKey === undefined ? [own] : [own, keysFrom(otherKey)]
  return {
    encrypt: (name, text) => seal(own.sealing, name, text),
    decrypt(name, bytes) {
      for (const { sealing } of all.slice(0, -1)) {
        try {
          return open(sealing, name, bytes)
        } catch {
          // Another key sealed this value, so the next key is tried; the last key throws.
        }
      }
      return open(all.at(-1)!.sealing, name, bytes)
    },
    sign: (purpose, text, length) => signature(own.signing, purpose, text, length),
    verify: (purpose, text, code) =>
      code.length >= 6 &&
      all.some(({ signing }) => sameText(signature(signing, purpose, text, code.length), code)),
  }
}

/** The secrets for the keys of the settings. While the key is being changed there are two, and reading needs both. */
export function secretsFrom(config: {
  encryptionKey: string
  encryptionOtherKey?: string | undefined
}): Secrets {
  return createSecrets(config.encryptionKey, config.encryptionOtherKey)
}

interface Keys {
  /** Keys are imported once: a menu signs twelve buttons, and a stock of 100,000 lines is sealed line by line. */
  sealing: KeyObject
  signing: KeyObject
}

function keysFrom(encryptionKey: string): Keys {
  const master = Buffer.from(encryptionKey, 'base64')
  const derive = (purpose: string) =>
    createSecretKey(Buffer.from(hkdfSync('sha256', master, '', `telekassa ${purpose}`, 32)))
  return { sealing: derive('secrets at rest'), signing: derive('signatures') }
}

function signature(key: KeyObject, purpose: string, text: string, length: number): string {
  return createHmac('sha256', key).update(`${purpose}\u0000${text}`).digest('base64url').slice(0, length)
}

const HEAD = Buffer.from([VERSION])
/** Random bytes are drawn for so many values at once: drawing them one by one took a third of the time of a short value. */
const DRAWN = 256
let drawn = Buffer.alloc(0)

/** Bytes that no earlier value had. */
function nextIv(): Buffer {
  if (drawn.length < IV_BYTES) drawn = randomBytes(DRAWN * IV_BYTES)
  const iv = drawn.subarray(0, IV_BYTES)
  drawn = drawn.subarray(IV_BYTES)
  return iv
}

function seal(key: KeyObject, name: string, text: string): Buffer {
  const iv = nextIv()
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(name))
  const body = cipher.update(text, 'utf8')
  // A stream mode has nothing left at its end.
  cipher.final()
  return Buffer.concat([HEAD, iv, cipher.getAuthTag(), body])
}

function open(key: KeyObject, name: string, bytes: Uint8Array): string {
  const data = Buffer.from(bytes)
  if (data[0] !== VERSION) throw new Error(`secret ${name}: unknown format ${data[0]}`)
  const iv = data.subarray(1, 1 + IV_BYTES)
  const tag = data.subarray(1 + IV_BYTES, 1 + IV_BYTES + TAG_BYTES)
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(name))
    .setAuthTag(tag)
  const body = data.subarray(1 + IV_BYTES + TAG_BYTES)
  return decipher.update(body, undefined, 'utf8') + decipher.final('utf8')
}

/** Compares in constant time, so that the duration does not tell where the texts differ. */
export function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a)
  const right = Buffer.from(b)
  return left.length === right.length && timingSafeEqual(left, right)
}
