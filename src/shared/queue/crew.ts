import { setTimeout as sleep } from 'node:timers/promises'
import { explain } from '../errors.ts'
import type { Log } from '../log.ts'
import type { BullWorker } from './bull.ts'
import type { QueueName } from './queues.ts'
import type { Taking } from './standing.ts'

/**
 * The BullMQ workers of one queue in this process. A worker joins when its server answers and then pauses and resumes
 * with the others.
 */
export interface Crew extends Taking {
  join(worker: BullWorker): void
  stop(deadlineMs: number): Promise<void>
}

export function createCrew(log: Log, queue: QueueName): Crew {
  const workers: BullWorker[] = []
  let resting = false
  const told = (turn: Promise<unknown>) =>
    void turn.catch((error: unknown) =>
      log.warn({ queue, reason: explain(error) }, 'a worker of a queue could not be paused or resumed'),
    )
  // `true`: BullMQ does not wait for the running jobs, because each job hears by its own signal that it must stop.
  const pause = (worker: BullWorker) => worker.pause(true)
  return {
    join(worker) {
      workers.push(worker)
      if (resting) told(pause(worker))
    },
    rest() {
      resting = true
      told(Promise.all(workers.map(pause)))
    },
    goOn() {
      resting = false
      told(Promise.all(workers.map((worker) => worker.resume())))
    },
    async stop(deadlineMs) {
      const closing = Promise.all(workers.map((worker) => worker.close()))
      await Promise.race([closing, sleep(deadlineMs, undefined, { ref: false })])
      await Promise.race([
        Promise.all(workers.map((worker) => worker.close(true))).catch(() => {}),
        sleep(500, undefined, { ref: false }),
      ])
    },
  }
}
