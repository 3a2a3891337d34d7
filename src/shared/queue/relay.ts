import type { Db } from '../db/db.ts'
import { explain } from '../errors.ts'
import type { Log } from '../log.ts'
import { BATCH, isOwing, relay } from './outbox.ts'
import type { Producer } from './producer.ts'
import { outsideTraces } from '../trace/trace.ts'

export interface Relay {
  /** Something may be owed: move it soon. Many kicks are one run. */
  kick(): void
  stop(): Promise<void>
}

/**
 * Moves owed jobs to the queue after each commit that owes some, and looks every `everyMs` for what other processes left
 * behind. Every worker process runs one, so that its own jobs leave at once.
 * @param own the bots of this deployment; jobs of others are left to theirs
 */
export function startRelay(
  db: Db,
  producer: Producer,
  log: Log,
  everyMs = 1_000,
  own?: () => readonly string[],
): Relay {
  let running: Promise<void> | undefined
  /** A job did not get onto its queue: before more are taken, and others cannot take them, the queue must answer. */
  let refused = false
  const watched: Producer = {
    ...producer,
    add: (...job) =>
      producer.add(...job).catch((error: unknown) => {
        refused = true
        throw error
      }),
  }
  let again = false
  let stopped = false

  const run = async (): Promise<void> => {
    do {
      again = false
      try {
        if (refused) await producer.answers()
        refused = false
        while ((await relay(db, watched, log, own?.())) === BATCH);
      } catch (error) {
        log.warn({ reason: explain(error) }, 'the outbox waits for the database or the queue')
        return
      }
    } while (again && !stopped)
  }
  const kick = (): void => {
    if (stopped) return
    again = true
    running ??= outsideTraces(run).finally(() => {
      running = undefined
    })
  }
  const look = async (): Promise<void> => {
    // A database that is not reached now is asked again soon; the run itself writes that to the log.
    if (!running && (await isOwing(db).catch(() => false))) kick()
  }
  db.onOwed(kick)
  const timer = setInterval(() => void outsideTraces(look), everyMs)
  return {
    kick,
    async stop() {
      stopped = true
      clearInterval(timer)
      await running
    },
  }
}
