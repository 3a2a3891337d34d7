import { randomBytes } from 'node:crypto'
import type { Db } from '#shared/db/db.ts'
import { createSecrets } from '#shared/secrets.ts'
import type { Secrets } from '#shared/secrets.ts'
import { keepSecret } from '#shared/vault.ts'

const NAME = 'shelf-key'
const kept = new WeakMap<Db, Promise<Secrets>>()

/**
 * What the shelf sells is sealed with a key of its own, which lies in the vault: ENCRYPTION_KEY is changed by sealing that
 * one secret anew, not a million lines, and a line's print stays what it was.
 */
export function shelfSecrets({ db, secrets }: { db: Db; secrets: Secrets }): Promise<Secrets> {
  const known = kept.get(db)
  if (known) return known
  const made = keepSecret(db, secrets, NAME, () => randomBytes(32).toString('base64')).then((key) =>
    createSecrets(key),
  )
  kept.set(db, made)
  // A database that was away is asked again by whoever comes next.
  made.catch(() => kept.delete(db))
  return made
}

/** 22 characters of base64url are 132 bits: nobody finds a line by its print, and no two lines share one. */
const PRINT = 22

export interface SealedLine {
  print: string
  sealed: Buffer
}

/** The print is bound into the seal: a row cannot be given the content of another one. */
export function sealLine(shelf: Secrets, itemId: bigint, text: string): SealedLine {
  const print = shelf.sign('shelf line', `${itemId} ${text}`, PRINT)
  return { print, sealed: shelf.encrypt(`shelf line ${print}`, text) }
}

export const openLine = (shelf: Secrets, { print, sealed }: { print: string; sealed: Uint8Array }): string =>
  shelf.decrypt(`shelf line ${print}`, sealed)

export const sealContent = (shelf: Secrets, itemId: bigint, text: string): Buffer =>
  shelf.encrypt(`shelf item ${itemId}`, text)

export const openContent = (shelf: Secrets, itemId: bigint, sealed: Uint8Array): string =>
  shelf.decrypt(`shelf item ${itemId}`, sealed)
