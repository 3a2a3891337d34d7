import type { Db, Sql } from './db.ts'

class Rehearsed extends Error {
  readonly answer: unknown
  constructor(answer: unknown) {
    super('a rehearsal is taken back')
    this.answer = answer
  }
}

/**
 * Does it and takes it back: what would be refused is refused before anybody is asked for a yes.
 * @returns what it came to
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
