/** How each queue is worked on. Metrics, autoscaling and the start-up check are derived from here. */
export interface QueueSettings {
  /** Jobs one process handles at once; an ordered queue has one at a time in each partition. */
  concurrency: number
  /**
   * Jobs of one key (a chat) in the order of their arrival, over all processes. The key picks one of the
   * partitions, and a partition runs one job at a time. With 64 of them a handler that hangs delays 1/64 = 1.6 %
   * of the other chats.
   */
  ordered?: boolean
  /** Jobs of this queue are about many orders: a job that they owe belongs to the trace of its own order, not to theirs. */
  apart?: boolean
  /** A process that was killed keeps its jobs for this long after it renewed their locks, and until the next look. */
  lockMs: number
  /** How often one of all processes looks for jobs without a lock. */
  lookMs: number
  /** A job that takes longer is given up and tried again. */
  timeoutMs: number
}

/**
 * A lock is renewed when 0.3 of its time is over, so an event loop may stand still for 0.7 of it: 2.4 s in a chat. A
 * longer pause costs the job to another process while this one still has it, which money survives (F11).
 */
export const RENEWED_AT = 0.3

/** Somebody looks at a chat that stands still: 3.5 s, then at most a second. */
const chats = { lockMs: 3_500, lookMs: 1_000 }
/** For queues whose jobs hold up somebody who has paid. */
const orders = { lockMs: 7_000, lookMs: 2_000 }
/** For queues on whose end nobody waits and whose work is heavy. */
const batches = { apart: true, lockMs: 30_000, lookMs: 10_000 }

export const queueSettings = {
  updates: { concurrency: 1, ordered: true, timeoutMs: 60_000, ...chats },
  checkout: { concurrency: 50, timeoutMs: 9_000, ...chats },
  // What comes at once is credited in one transaction, of fifty at most (`together`).
  billing: { concurrency: 50, timeoutMs: 60_000, ...orders },
  fragment: { concurrency: 10, timeoutMs: 330_000, ...orders },
  images: { concurrency: 20, timeoutMs: 120_000, ...orders },
  notices: { concurrency: 20, timeoutMs: 30_000, ...orders },
  /** A lane mostly waits for the rate of its bot, of which a process has two at once: three bots are sent for side by side. */
  broadcasts: { concurrency: 6, timeoutMs: 300_000, ...batches },
  exports: { concurrency: 2, timeoutMs: 900_000, ...batches },
  upkeep: { concurrency: 4, timeoutMs: 300_000, ...batches },
} as const satisfies Record<string, QueueSettings>

export type QueueName = keyof typeof queueSettings
export const queueNames = Object.keys(queueSettings) as QueueName[]

/**
 * Redis keeps finished jobs for an hour, so that a repeated job id is recognised; the database is the guarantee. Their
 * memory is bounded: as many are kept as would fit if all were as large as the newest one, so those of a queue never take
 * more than twice the bound, whatever sizes came in turn. With 20,000 of 1.6 kB in each of eight queues they filled the
 * 300 MB of compose by themselves.
 */
export const KEEP_DONE = { age: 3_600, bytes: 4_000_000 }
/** Dead letters stand in the outbox for as long as somebody needs them; the failed jobs in Redis are for readers of the board. */
const KEEP_FAILED = { age: 7 * 86_400, bytes: 2_000_000 }
/** What Redis needs for a job besides its payload: keys, options, times, and the stack of one that failed. */
const JOB_BYTES = { done: 1_400, failed: 4_000 }

/**
 * What Redis keeps of a job, by the size of its payload. Of an ordered queue that is done nothing is kept: an update took
 * 1.5 kB for an hour, and its row in handled_updates says all that has to be known.
 * @param parts of the queue: they share what it may keep of failed ones
 */
export function keepEnded({ ordered }: QueueSettings, payloadBytes: number, parts = 1) {
  const fit = (bytes: number, each: number) => Math.max(1, Math.floor(bytes / parts / (each + payloadBytes)))
  return {
    removeOnComplete: ordered ? true : { age: KEEP_DONE.age, count: fit(KEEP_DONE.bytes, JOB_BYTES.done) },
    removeOnFail: { age: KEEP_FAILED.age, count: fit(KEEP_FAILED.bytes, JOB_BYTES.failed) },
  }
}
/** BullMQ writes five events a job, which nobody reads: Redis keeps so many of each queue, rounded up to a hundred. */
export const KEEP_EVENTS = 10

/** Of so many partitions one more is for the admins' chats: 8 beside 64, one beside PostgreSQL's four. */
const SHARED_WITH_ONE_FOR_ADMINS = 8

/**
 * The BullMQ queues of a name: `billing`, but `updates-0` to `updates-63`, and behind these `updates-admins-0` to
 * `updates-admins-7`, in which no admin waits behind a rush of people.
 */
export function bullNames(name: QueueName, partitions: number): string[] {
  const settings: QueueSettings = queueSettings[name]
  if (!settings.ordered) return [name]
  const parts = (count: number, of: string) => Array.from({ length: count }, (_, index) => `${of}-${index}`)
  const forAdmins = Math.max(1, Math.floor(partitions / SHARED_WITH_ONE_FOR_ADMINS))
  return [...parts(partitions, name), ...parts(forAdmins, `${name}-admins`)]
}

/** Whether a BullMQ queue is a partition of an ordered one. */
export const isPartition = (bullName: string): boolean =>
  queueNames.some((name) => {
    const settings: QueueSettings = queueSettings[name]
    return settings.ordered && bullName.startsWith(`${name}-`)
  })
