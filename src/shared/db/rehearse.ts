import type { Db, Sql } from './db.ts'

class Rehearsed extends Error {
  readonly answer: unknown
  constructor(answer: unknown) {
    super('a rehearsal is taken back')
    this.answer = answer
  }
}

/**
 * Does the work in a transaction and rolls it back, so that a refusal is known before anybody is asked to confirm.
 * @returns the work's result
 */
export async function rehearse<T>(db: Db, work: (tx: Sql) => Promise<T>): Promise<T> {
  try {
    return await db.tx<T>(async (tx) => {
      throw new Rehearsed(await work(tx))
    })
  } catch (error) {
    if (error instanceof Rehearsed) return error.answer as T
    throw error
  }
}
