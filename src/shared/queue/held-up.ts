import { isUnanswered } from '../db/errors.ts'
import type { Log } from '../log.ts'
import type { BullJob } from './bull.ts'
import { dueSince } from './job.ts'
import type { Standing } from './standing.ts'

// An update that is put off again and again holds up all later updates of its chat.

/** An update that is due for longer is told in the log each time that its partition has been silent for a minute. */
const HELD_UP_MS = 2 * 60_000
const TELL_AGAIN_MS = 60_000
/** An update that is due for longer loses tries by statements without an answer. */
const UNANSWERED_MS = 5 * 60_000

/** @param told when each partition was told of last */
export function tellHeldUp(
  told: Map<string, number>,
  job: BullJob,
  log: Log,
  reason: string | undefined,
): void {
  const dueMs = Date.now() - dueSince(job)
  const last = told.get(job.queueName)
  if (dueMs < HELD_UP_MS || (last !== undefined && performance.now() - last < TELL_AGAIN_MS)) return
  told.set(job.queueName, performance.now())
  log.warn(
    { partition: job.queueName, seconds: Math.round(dueMs / 1000), reason },
    'an update is put off again and again, and those of its chat wait behind it',
  )
}

/**
 * Whether a failure is the update's own, although the error says that the database is away: a statement that gets no answer
 * from a database that answers others (because of a lock, for example) is no outage, and would be repeated for ever. Jobs of
 * other queues, also those of money, hold up nobody and lose no try.
 */
export async function isOwnFault(
  { standing }: { standing?: Pick<Standing, 'isAway'> },
  job: BullJob,
  error: unknown,
): Promise<boolean> {
  if (!standing || !isUnanswered(error) || Date.now() - dueSince(job) < UNANSWERED_MS) return false
  return !(await standing.isAway())
}
