import { setTimeout as sleep } from 'node:timers/promises'
import { explain } from '../errors.ts'
import type { Log } from '../log.ts'
import { databaseCode, databaseIsDown } from './errors.ts'

const AGAIN_MS = 1_000
/** A statement that the server gave up because it took too long. */
const TOO_SLOW = '57014'

/**
 * Does the first work of a process on the database. The database was there when the process looked at it, but it may
 * have gone away since, or be too slow; then the process waits for it instead of ending.
 */
export async function onceDatabaseAnswers(log: Log, work: () => Promise<void>): Promise<void> {
  for (let told = false; ; told = true) {
    try {
      await work()
      if (told) log.info('the database answers')
      return
    } catch (error) {
      if (!databaseIsDown(error) && databaseCode(error) !== TOO_SLOW) throw error
      if (!told) log.warn({ reason: explain(error) }, 'waiting for the database, which does not answer now')
    }
    await sleep(AGAIN_MS)
  }
}
