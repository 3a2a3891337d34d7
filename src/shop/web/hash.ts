import { createHash } from 'node:crypto'

/** 32 random bytes that a page makes itself, so that it may ask again when the answer got lost. */
export const SESSION_KEY = /^[A-Za-z0-9_-]{43}$/

/** What is kept of a key: whoever reads the table cannot come with it. */
export const hashOf = (key: string): string => createHash('sha256').update(key).digest('base64url')
