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
  /** Its jobs are about many orders: what they owe belongs to the trace of its own order, not to theirs. */
  apart?: boolean
  /** A worker that lost its process loses its jobs after this long. Longer than any pause of the event loop. */
  lockMs: number
  /** A job that takes longer is given up and tried again. */
  timeoutMs: number
}

export const queueSettings = {
  updates: { concurrency: 1, ordered: true, lockMs: 10_000, timeoutMs: 60_000 },
  checkout: { concurrency: 50, lockMs: 10_000, timeoutMs: 9_000 },
  billing: { concurrency: 10, lockMs: 30_000, timeoutMs: 60_000 },
  fragment: { concurrency: 10, lockMs: 30_000, timeoutMs: 330_000 },
  images: { concurrency: 20, lockMs: 30_000, timeoutMs: 120_000 },
  broadcasts: { concurrency: 2, apart: true, lockMs: 30_000, timeoutMs: 300_000 },
  exports: { concurrency: 2, apart: true, lockMs: 30_000, timeoutMs: 900_000 },
  notices: { concurrency: 20, lockMs: 30_000, timeoutMs: 30_000 },
  upkeep: { concurrency: 4, apart: true, lockMs: 30_000, timeoutMs: 300_000 },
} as const satisfies Record<string, QueueSettings>

export type QueueName = keyof typeof queueSettings
export const queueNames = Object.keys(queueSettings) as QueueName[]

/** Redis keeps finished jobs this long, so that a repeated job id is recognised; the database is the guarantee. */
export const KEEP_DONE = { age: 3_600, count: 20_000 }
export const KEEP_FAILED = { age: 7 * 86_400, count: 10_000 }

/** The BullMQ queues of a name: `billing`, but `updates-0` to `updates-63`. */
export function bullNames(name: QueueName, partitions: number): string[] {
  const settings: QueueSettings = queueSettings[name]
  return settings.ordered ? Array.from({ length: partitions }, (_, index) => `${name}-${index}`) : [name]
}
