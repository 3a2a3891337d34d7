import { randomBytes } from 'node:crypto'
import type { Db } from '#shared/db/db.ts'
import { createSecrets } from '#shared/secrets.ts'
import type { Secrets } from '#shared/secrets.ts'
import { keepSecret } from '#shared/vault.ts'

const NAME = 'shelf-key'
const kept = new WeakMap<Db, Promise<Secrets>>()

/**
 * The shelf's content is encrypted with a key of its own, which is kept in the vault. When ENCRYPTION_KEY changes,
 * only that one secret is sealed again and not a million lines, and the lines' prints stay valid.
 */
export function shelfSecrets({ db, secrets }: { db: Db; secrets: Secrets }): Promise<Secrets> {
  const known = kept.get(db)
  if (known) return known
  const made = keepSecret(db, secrets, NAME, () => randomBytes(32).toString('base64')).then((key) =>
    createSecrets(key),
  )
  kept.set(db, made)
  // If the database was away, the next caller asks again.
  made.catch(() => kept.delete(db))
  return made
}

/** 22 characters of base64url are 132 bits: nobody finds a line by its print, and no two lines share one. */
const PRINT = 22

export interface SealedLine {
  print: string
  sealed: Buffer
}

/** By its print a line is known again, without being read. */
export const printOfLine = (shelf: Secrets, itemId: bigint, text: string): string =>
  shelf.sign('shelf line', `${itemId} ${text}`, PRINT)

/** The print is authenticated with the content, so that a row cannot be given another line's content. */
export const sealLine = (shelf: Secrets, print: string, text: string): SealedLine => ({
  print,
  sealed: shelf.encrypt(`shelf line ${print}`, text),
})

export const openLine = (shelf: Secrets, { print, sealed }: { print: string; sealed: Uint8Array }): string =>
  shelf.decrypt(`shelf line ${print}`, sealed)

export const sealContent = (shelf: Secrets, itemId: bigint, text: string): Buffer =>
  shelf.encrypt(`shelf item ${itemId}`, text)

export const openContent = (shelf: Secrets, itemId: bigint, sealed: Uint8Array): string =>
  shelf.decrypt(`shelf item ${itemId}`, sealed)
