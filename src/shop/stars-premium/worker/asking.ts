import { Rejected, Transient } from '#shared/errors.ts'

/** A supplier that is away or refuses to answer tells nothing about the order. */
export async function askSupplier<T>(lookup: () => Promise<T>): Promise<T | undefined> {
  try {
    return await lookup()
  } catch (error) {
    if (error instanceof Transient || error instanceof Rejected) return undefined
    throw error
  }
}

/** The pause between look-ups: short at first, then a tenth of the purchase's age, at most ten minutes. */
export function pause(pollMs: number, ageMs: number): number {
  return Math.min(Math.max(pollMs, ageMs / 10), 600_000)
}
