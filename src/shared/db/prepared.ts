import { createHash } from 'node:crypto'

/**
 * So many texts are remembered; what is written with lists of ever new lengths does not fill the server's memory. A
 * pooler that keeps fewer prepares some of them again and again.
 */
export const MOST_PREPARED = 500

/**
 * Names for statements. PostgreSQL parses and plans a named one once per connection: a press that buys costs it 0.7 of
 * what unnamed ones do. A text gets its name when it comes for the second time, so that what runs once is kept nowhere.
 */
export interface Names {
  of(text: string): string | undefined
  /** A migration changed what a statement answers: from now on every connection plans anew. */
  renew(): void
}

export function statementNames(): Names {
  const names = new Map<string, string | undefined>()
  let round = 0
  return {
    of(text) {
      const known = names.get(text)
      if (known !== undefined) return known
      if (!names.has(text)) {
        if (names.size < MOST_PREPARED) names.set(text, undefined)
        return undefined
      }
      const name = `${createHash('sha256').update(text).digest('base64url').slice(0, 22)}-${round}`
      names.set(text, name)
      return name
    },
    renew() {
      round += 1
      names.clear()
    },
  }
}

/** "cached plan must not change result type": a migration changed a table that a prepared statement reads. */
export function isStalePlan(error: unknown): boolean {
  return (error as { code?: unknown }).code === '0A000' && /cached plan/.test((error as Error).message)
}
