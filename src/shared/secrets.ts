import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'

/** What the operator's key is used for: each purpose gets a key of its own, derived from ENCRYPTION_KEY. */
export interface Secrets {
  /** AES-256-GCM; `name` is bound in, so that one ciphertext cannot stand in for another. */
  encrypt(name: string, text: string): Buffer
  /** @throws when the bytes were changed, made for another name or with another key */
  decrypt(name: string, bytes: Uint8Array): string
  /** A short code that only we can make: `length` characters of base64url, 6 bits each. */
  sign(purpose: string, text: string, length: number): string
  verify(purpose: string, text: string, code: string): boolean
}

const VERSION = 1
const IV_BYTES = 12
const TAG_BYTES = 16

/** @param encryptionKey 32 bytes in base64 */
export function createSecrets(encryptionKey: string): Secrets {
  const master = Buffer.from(encryptionKey, 'base64')
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', master, '', `telekassa ${purpose}`, 32))
  const encryptionKeyBytes = derive('secrets at rest')
  const signingKey = derive('signatures')
  const sign = (purpose: string, text: string, length: number): string =>
    createHmac('sha256', signingKey).update(`${purpose}\u0000${text}`).digest('base64url').slice(0, length)
  return {
    encrypt(name, text) {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv('aes-256-gcm', encryptionKeyBytes, iv).setAAD(Buffer.from(name))
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([Buffer.from([VERSION]), iv, cipher.getAuthTag(), body])
    },
    decrypt(name, bytes) {
      const data = Buffer.from(bytes)
      if (data[0] !== VERSION) throw new Error(`secret ${name}: unknown format ${data[0]}`)
      const iv = data.subarray(1, 1 + IV_BYTES)
      const tag = data.subarray(1 + IV_BYTES, 1 + IV_BYTES + TAG_BYTES)
      const decipher = createDecipheriv('aes-256-gcm', encryptionKeyBytes, iv)
        .setAAD(Buffer.from(name))
        .setAuthTag(tag)
      return (
        decipher.update(data.subarray(1 + IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
      )
    },
    sign,
    verify: (purpose, text, code) => sameText(sign(purpose, text, code.length), code) && code.length >= 6,
  }
}

/** Compares without telling by its duration where the texts differ. */
export function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a)
  const right = Buffer.from(b)
  return left.length === right.length && timingSafeEqual(left, right)
}
