import type { Db } from '../db/db.ts'
import { Transient, explain } from '../errors.ts'
import type { Log } from '../log.ts'
import { BATCH, isOwing, relay } from './outbox.ts'
import type { Producer } from './producer.ts'
import type { QueueName } from './queues.ts'
import { outsideTraces } from '../trace/trace.ts'

export interface Relay {
  /** Says that jobs may be owed: the relay moves them soon. Many kicks make one run. */
  kick(): void
  stop(): Promise<void>
}

/**
 * Moves owed jobs to the queue after each commit that owes some, and every `everyMs` looks for jobs that other
 * processes left behind. Every worker process runs a relay, so that its own jobs leave at once.
 * @param own the bots of this deployment; jobs of other bots are left to their deployments
 */
export function startRelay(
  db: Db,
  producer: Producer,
  log: Log,
  everyMs = 1_000,
  own?: () => readonly string[],
): Relay {
  let running: Promise<void> | undefined
  /** Queues that did not accept a job. Until they answer, their jobs stay in the outbox, and all other jobs go on. */
  const refused = new Set<QueueName>()
  const asked = new Set<QueueName>()
  const watched: Producer = {
    ...producer,
    add: (type, ...job) =>
      producer.add(type, ...job).catch((error: unknown) => {
        if (error instanceof Transient) refused.add(type.queue)
        throw error
      }),
  }
  let again = false
  let stopped = false

  /**
   * The kinds of jobs to skip. Whether a queue is back is checked beside the run, because the answer may take seconds.
   */
  const leave = (): string[] => {
    for (const queue of refused) {
      if (asked.has(queue)) continue
      asked.add(queue)
      producer
        .answers(queue)
        .then(
          () => refused.delete(queue) && kick(),
          (error: unknown) => log.debug({ queue, reason: explain(error) }, 'the outbox waits for a queue'),
        )
        .finally(() => asked.delete(queue))
        .catch(() => {})
    }
    if (refused.size === 0) return []
    return [...producer.catalogue.values()].filter(({ queue }) => refused.has(queue)).map(({ name }) => name)
  }
  const run = async (): Promise<void> => {
    do {
      again = false
      try {
        while ((await relay(db, watched, log, own?.(), leave())) === BATCH);
      } catch (error) {
        log.warn({ reason: explain(error) }, 'the outbox waits for the database')
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
    // If the database cannot be reached now, it is asked again soon; the run itself logs the error.
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
