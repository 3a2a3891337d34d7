import { sql as q } from 'kysely'
import type { Sql } from './db.ts'

/**
 * Takes a lock on a word until the transaction ends; others who lock the same word wait. A word begins with its
 * subject (`plan 12`), so that two rooms never mean different things by one word.
 */
export async function lockWord(tx: Sql, word: string): Promise<void> {
  // By hand: it calls a function and reads no table.
  await tx.rows(q`select pg_advisory_xact_lock(hashtextextended(${word}, 0))`)
}
