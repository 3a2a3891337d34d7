import { createHash } from 'node:crypto'

/**
 * How many statement texts get a name, so that lists of ever new lengths do not fill the server's memory. A pooler
 * that keeps fewer prepares some of them again and again.
 */
export const MOST_PREPARED = 500

/**
 * Names for statements. PostgreSQL parses and plans a named statement once per connection: a press that buys then
 * costs the server 0.7 of its time with unnamed ones. A text gets its name at its second use, so that a statement that
 * runs once is kept nowhere.
 */
export interface Names {
  of(text: string): { name?: string; text: string }
  /** Called when a migration changed the columns of a result: from now on every connection plans anew. */
  renew(): void
}

export function statementNames(): Names {
  const names = new Map<string, { name: string; text: string } | undefined>()
  let round = 0
  return {
    of(text) {
      const known = names.get(text)
      if (known !== undefined) return known
      if (!names.has(text)) {
        if (names.size < MOST_PREPARED) names.set(text, undefined)
        return { text }
      }
      const named = {
        name: `${createHash('sha256').update(text).digest('base64url').slice(0, 22)}-${round}`,
        // A pooler knows statements by their text, and plans an old text under a new name no second time.
        text: round === 0 ? text : `${text} -- planned anew ${round}`,
      }
      names.set(text, named)
      return named
    },
    renew() {
      // The minute is the same in all processes, so behind a pooler they share what is planned anew.
      round = Math.max(round + 1, Math.floor(Date.now() / 60_000))
      names.clear()
    },
  }
}

/** "cached plan must not change result type": a migration changed a table that a prepared statement reads. */
export function isStalePlan(error: unknown): boolean {
  return (error as { code?: unknown }).code === '0A000' && /cached plan/.test((error as Error).message)
}
