import type { Db } from '../db/db.ts'
import { Transient, explain } from '../errors.ts'
import type { Log } from '../log.ts'
import { BATCH, isOwing, relay } from './outbox.ts'
import type { Producer } from './producer.ts'
import type { QueueName } from './queues.ts'
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
  /** Queues that did not take a job: until they answer, their jobs are left in the outbox, and the others go on. */
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

  /** The jobs to leave alone. Whether their queues are back is found out beside the run: an answer may take seconds. */
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
