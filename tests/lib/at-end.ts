const ends: (() => unknown)[] = []

/**
 * Takes what has to be done when the test file ends, the newest first. Vitest's own afterAll is for the top of a file: called
 * while a test or a beforeAll runs, Vitest 5.1 forgets it without a word, so that shops were never closed and the ledger of
 * a shop was never proven.
 */
export const atEnd = (end: () => unknown): void => void ends.push(end)

/** Does all of it, also after one of them has failed. @throws the failures */
export async function endFile(): Promise<void> {
  const failures: unknown[] = []
  for (const end of ends.splice(0).toReversed()) {
    try {
      await end()
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length === 1) throw failures[0]
  if (failures.length > 1) throw new AggregateError(failures, failures.map(String).join('; '))
}
