import type { Config } from './config/config.ts'
import type { Context } from './context.ts'
import type { Handler } from './queue/executor.ts'
import type { QueueName } from './queue/queues.ts'

/** A worker: what it consumes and how it starts. One file worker.ts in each worker's folder exports one. */
export interface WorkerType {
  name: string
  queues: readonly QueueName[]
  /** Database connections of one process of this worker. */
  poolSize: number
  /** A statement that takes longer is given up: what waits for it would keep a chat, or an order, standing still. */
  statementMs?: number
  /** What it cannot work without besides queue and database: addresses where anything answers, by name. */
  needs?(config: Config): Readonly<Record<string, string>>
  /** Builds the handlers. @throws with one sentence when it cannot do its work: the process refuses to start */
  start(context: Context): Promise<StartedWorker>
}

export interface StartedWorker {
  handlers: Handler[]
  stop?(): Promise<void>
}
