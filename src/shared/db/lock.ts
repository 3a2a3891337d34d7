import { sql as q } from 'kysely'
import type { Sql } from './db.ts'

/**
 * Whoever locks the same word waits until this transaction is over. The first part of a word says what it is about
 * (`plan 12`), so that two rooms never mean the same one.
 */
export async function lockWord(tx: Sql, word: string): Promise<void> {
  // By hand: a function, and no table.
  await tx.rows(q`select pg_advisory_xact_lock(hashtextextended(${word}, 0))`)
}
