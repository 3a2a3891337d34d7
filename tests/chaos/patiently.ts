import { setTimeout as sleep } from 'node:timers/promises'
import { databaseIsDown } from '#shared/db/errors.ts'

/** The database may just be away; what is done here is done once however often it is tried. */
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
