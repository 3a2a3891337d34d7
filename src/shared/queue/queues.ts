/** How each queue is worked on. Metrics, autoscaling and the start-up check are derived from here. */
export interface QueueSettings {
  /** Jobs one process handles at once; for an ordered queue `AT_ONCE` of take-by-chats.ts says how many. */
  concurrency: number
  /**
   * Jobs of one key (a chat) in the order of their arrival and one at a time, over all processes. The key picks one of
   * the partitions. In one of Redis several chats are worked on beside one another, in one of PostgreSQL one job at a time.
   */
  ordered?: boolean
  /** Jobs of this queue work on many orders: a job that they owe gets the trace of its own order, not theirs. */
  apart?: boolean
  /**
   * How long the jobs of a killed process stay locked after it last renewed the locks. Other workers find them at the
   * next look.
   */
  lockMs: number
  /** How often one of all processes looks for jobs without a lock. */
  lookMs: number
  /** A job that takes longer is given up and tried again. */
  timeoutMs: number
}

/**
 * BullMQ renews a lock when 0.3 of its time is over, so an event loop may stand still for 0.7 of it: 2.4 s for a chat.
 * After a longer pause another process takes the job while this one still works on it; money survives that, because
 * every transition is guarded by the row's state.
 */
export const RENEWED_AT = 0.3

/** A person waits in front of the chat: a dead process's job is free after 3.5 s and found at most 1 s later. */
const chats = { lockMs: 3_500, lookMs: 1_000 }
/** For queues whose jobs keep a person waiting who has paid. */
const orders = { lockMs: 7_000, lookMs: 2_000 }
/** For queues with heavy work, for whose end nobody waits. */
const batches = { apart: true, lockMs: 30_000, lookMs: 10_000 }

export const queueSettings = {
  updates: { concurrency: 1, ordered: true, timeoutMs: 60_000, ...chats },
  checkout: { concurrency: 50, timeoutMs: 9_000, ...chats },
  // Payments that arrive at the same time are credited in one transaction, at most fifty (`together`).
  billing: { concurrency: 50, timeoutMs: 60_000, ...orders },
  fragment: { concurrency: 10, timeoutMs: 330_000, ...orders },
  images: { concurrency: 20, timeoutMs: 120_000, ...orders },
  // The bot's processes also answer people, up to 288 chats at once. With twenty notices beside a hundred answers 290 of
  // them waited, the oldest for 34 s (1,500 orders, 120 people on two cores); with fifty 34 and 9 s at most.
  notices: { concurrency: 50, timeoutMs: 30_000, ...orders },
  /**
   * A lane of a mailing mostly waits for its bot's send rate. A process runs two lanes of a bot at once, so six jobs
   * serve three bots side by side.
   */
  broadcasts: { concurrency: 6, timeoutMs: 300_000, ...batches },
  exports: { concurrency: 2, timeoutMs: 900_000, ...batches },
  upkeep: { concurrency: 4, timeoutMs: 300_000, ...batches },
} as const satisfies Record<string, QueueSettings>

export type QueueName = keyof typeof queueSettings
export const queueNames = Object.keys(queueSettings) as QueueName[]

/**
 * Redis keeps finished jobs for an hour, so that a repeated job id is recognised; the guarantee is in the database.
 * The memory is bounded: Redis keeps as many jobs as fit if all have the size of the newest one, so a queue takes at
 * most twice the bound, even if sizes vary. When a count of 20,000 was kept, eight queues of 1.6 kB jobs filled the
 * 300 MB of docker-compose.yml.
 */
export const KEEP_DONE = { age: 3_600, bytes: 4_000_000 }
/**
 * Dead letters are kept in the outbox as long as they are needed; the failed jobs in Redis only serve readers of the
 * queue board.
 */
const KEEP_FAILED = { age: 7 * 86_400, bytes: 2_000_000 }
/** Bytes that Redis needs for a job besides its payload: keys, options, times, and the stack trace of a failed one. */
const JOB_BYTES = { done: 1_400, failed: 4_000 }

/**
 * How many ended jobs Redis keeps, by the size of the payload. Of an ordered queue no done job is kept: an update
 * would take 1.5 kB for an hour, and its row in handled_updates already says that it was handled.
 * @param parts the number of partitions: together they share the memory for failed jobs
 */
export function keepEnded({ ordered }: QueueSettings, payloadBytes: number, parts = 1) {
  const fit = (bytes: number, each: number) => Math.max(1, Math.floor(bytes / parts / (each + payloadBytes)))
  return {
    removeOnComplete: ordered ? true : { age: KEEP_DONE.age, count: fit(KEEP_DONE.bytes, JOB_BYTES.done) },
    removeOnFail: { age: KEEP_FAILED.age, count: fit(KEEP_FAILED.bytes, JOB_BYTES.failed) },
  }
}
/**
 * BullMQ's own scripts write events, which nobody reads. Redis keeps this many events per queue, rounded up to a
 * hundred.
 */
export const KEEP_EVENTS = 10

/** One admins' partition is added for every eight: 8 beside Redis's 64, one beside PostgreSQL's four. */
const SHARED_WITH_ONE_FOR_ADMINS = 8

/**
 * The BullMQ queues behind a name: `billing` is one; `updates` is `updates-0` to `updates-63`, followed by
 * `updates-admins-0` to `updates-admins-7`, where no admin waits behind a rush of people.
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
