import type { Config } from './config/config.ts'
import type { Context } from './context.ts'
import type { Handler } from './queue/executor.ts'
import type { QueueName } from './queue/queues.ts'

/**
 * A kind of worker: what it consumes and how it starts. Each worker's folder has one file worker.ts that exports one.
 */
export interface WorkerType {
  name: string
  queues: readonly QueueName[]
  /** Database connections of one process of this worker. */
  poolSize: number
  /**
   * A statement that takes longer is given up, because everything that waits for it (a chat, an order) would stand
   * still.
   */
  statementMs?: number
  /** Servers that the worker needs besides queue and database: addresses that must answer, by name. */
  needs?(config: Config): Readonly<Record<string, string>>
  /**
   * Builds the handlers.
   * @throws Error with a sentence when the worker cannot do its work: the process then refuses to start
   */
  start(context: Context): Promise<StartedWorker>
}

export interface StartedWorker {
  handlers: Handler[]
  stop?(): Promise<void>
}
