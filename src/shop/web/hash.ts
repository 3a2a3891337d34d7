import { createHash } from 'node:crypto'

/**
 * The key of a session: 32 random bytes made by the page, so that the page can repeat its request with the same key if
 * the answer was lost.
 */
export const SESSION_KEY = /^[A-Za-z0-9_-]{43}$/

/** Only the key's hash is stored, so that a reader of the table cannot use a session. */
export const hashOf = (key: string): string => createHash('sha256').update(key).digest('base64url')
