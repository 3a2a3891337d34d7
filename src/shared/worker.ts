import type { Context } from './context.ts'
import type { Handler } from './queue/executor.ts'
import type { QueueName } from './queue/queues.ts'

/** A worker: what it consumes and how it starts. One file worker.ts in each worker's folder exports one. */
export interface WorkerType {
  name: string
  queues: readonly QueueName[]
  /** Database connections of one process of this worker. */
  poolSize: number
  /** Builds the handlers. @throws with one sentence when it cannot do its work: the process refuses to start */
  start(context: Context): Promise<StartedWorker>
}

export interface StartedWorker {
  handlers: Handler[]
  stop?(): Promise<void>
}
