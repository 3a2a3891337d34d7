import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Waits until `condition` returns something truthy (an assertion that throws counts as "not yet").
 * @returns what it returned
 */
export async function eventually<T>(
  condition: () => T | Promise<T>,
  options: { what?: string; timeoutMs?: number; everyMs?: number } = {},
): Promise<NonNullable<T>> {
  const { what = String(condition), timeoutMs = 120_000, everyMs = 25 } = options
  const deadline = performance.now() + timeoutMs
  let cause: unknown
  do {
    try {
      const value = await condition()
      if (value) return value
      cause = undefined
    } catch (error) {
      cause = error
    }
    await sleep(everyMs)
  } while (performance.now() < deadline)
  throw new Error(`did not happen within ${timeoutMs} ms: ${what}`, { cause })
}
