import { databaseIsDown } from './db/errors.ts'
import { explain } from './errors.ts'

/**
 * Does the work for each of them, one after another. One that fails keeps none of those behind it from theirs; a database that
 * is away ends it at once.
 * @throws AggregateError with what failed
 */
export async function eachApart<One>(
  all: Iterable<One>,
  work: (one: One) => Promise<unknown>,
): Promise<void> {
  const failures: unknown[] = []
  for (const one of all) {
    try {
      await work(one)
    } catch (error) {
      if (databaseIsDown(error)) throw error
      failures.push(error)
    }
  }
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} failed: ${failures.map(explain).join('; ')}`)
}
