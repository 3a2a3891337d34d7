import { setTimeout as sleep } from 'node:timers/promises'
import { DelayedError, UnrecoverableError } from 'bullmq'
import type { InHand } from '../progress.ts'
import { storable } from '../storable.ts'
import { delay, handBack } from './bull.ts'
import type { BullJob, PutOff } from './bull.ts'
import type { QueueBackend } from './backend.ts'
import type { Verdict } from './job.ts'
import type { QueueSettings } from './queues.ts'

/**
 * How long a job waits that this release does not know; it loses no try. A worker of the newer release may take it
 * meanwhile.
 */
const UNKNOWN_JOB_MS = 30_000
const QUEUE_AWAY_MS = 1_000

/** How a run ended: the handler's verdict, or what the executor made of an error. */
export type RunOutcome =
  | Verdict
  | { verdict: 'retry'; reason: string; error: Error }
  /** This release has no handler for the job. */
  | { verdict: 'unknown' }
  /** This process is cut off from a server and another one is not: the job goes back for that one. */
  | { verdict: 'yield' }
  /** The run's lock ended before the run: whoever has the job now decides, and this run says nothing of it. */
  | { verdict: 'lost' }

/** A run that is over, with the job still in hand. */
interface Ended extends Omit<PutOff, 'afterMs'> {
  context: { backend: QueueBackend }
  settings: QueueSettings
  hand: InHand | undefined
  outcome?: RunOutcome
}

/**
 * Tells BullMQ how the run ended.
 * @returns `again` when the job has waited in this process and must be run again
 */
export async function settle(execution: Ended): Promise<'finished' | 'again'> {
  const outcome = execution.outcome!
  switch (outcome.verdict) {
    case 'done':
      return 'finished'
    case 'yield':
      return handBack()
    case 'lost':
      throw new DelayedError()
    case 'unknown':
      await putOff(execution, UNKNOWN_JOB_MS)
      return 'again'
    case 'later':
      await putOff(execution, outcome.afterMs)
      return 'again'
    case 'retry':
      await keepDue(execution.job, Date.now())
      throw kept(outcome.error)
    case 'reject':
      throw kept(new UnrecoverableError(outcome.reason))
  }
}

/** Puts the job aside without counting a try. The later ones of its chat wait with it, so that nothing overtakes it. */
async function putOff(execution: Ended, afterMs: number): Promise<void> {
  const { context, settings, job, stopping, hand } = execution
  if (!settings.ordered) await keepDue(job, Date.now() + afterMs)
  hand?.begins('put off', afterMs)
  for (;;) {
    try {
      if (settings.ordered) return await context.backend.putOffInOrder({ ...execution, afterMs })
      return await delay({ ...execution, afterMs })
    } catch (error) {
      // Throwing would count as a failed try. So while the queue is away, the job waits in this process and loses no
      // try.
      if (!context.backend.isAway(error) || stopping.aborted) throw error
      await sleep(QUEUE_AWAY_MS)
    }
  }
}

/**
 * The error in a form that BullMQ can store: if PostgreSQL refused the text, the job would stay active and run again.
 */
function kept(error: Error): Error {
  error.message = storable(error.message)
  error.stack = storable(error.stack ?? error.message)
  return error
}

/** Stores when the job became due; only the metric of waiting times reads it. */
async function keepDue(job: BullJob, dueAt: number): Promise<void> {
  await job.updateData({ ...job.data, dueAt }).catch(() => {})
}
