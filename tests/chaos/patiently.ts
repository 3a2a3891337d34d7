import { setTimeout as sleep } from 'node:timers/promises'
import { databaseIsDown } from '#shared/db/errors.ts'

/**
 * Tries the work again while it fails, because the database may just be away. Callers pass only work that may
 * run twice.
 */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!databaseIsDown(error) || attempt === 100) throw error
      await sleep(200)
    }
  }
}
