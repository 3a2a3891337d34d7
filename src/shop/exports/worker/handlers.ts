import type { Context } from '#shared/context.ts'
import { handle } from '#shared/queue/executor.ts'
import type { StartedWorker } from '#shared/worker.ts'
import { runExport } from '../jobs.ts'
import { makeExport } from './run.ts'

export function startExports(app: Context): StartedWorker {
  return { handlers: [handle(runExport, ({ exportId }, run) => makeExport(app, exportId, run))] }
}
