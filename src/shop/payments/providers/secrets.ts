import { createHash, timingSafeEqual } from 'node:crypto'

/** Constant time whatever the lengths: the digests are compared. An empty expectation matches nothing. */
export function sameSecret(expected: string, given: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return expected !== '' && timingSafeEqual(digest(expected), digest(given))
}
