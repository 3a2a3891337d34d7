import type { Context } from '#shared/context.ts'
import { givesWay } from '#shared/queue/gives-way.ts'
import { handle } from '#shared/queue/executor.ts'
import type { StartedWorker } from '#shared/worker.ts'
import { runExport } from '../jobs.ts'
import { clearLeftFolders } from './folders.ts'
import { makeExport } from './run.ts'

/** A bot whose admins ask for many files at once takes at most one of the two places of a process. */
const OF_ONE_BOT = 1

export function startExports(app: Context): StartedWorker {
  void clearLeftFolders().catch((error: unknown) =>
    app.log.warn(
      { err: error },
      'what killed exports have left in the temporary folder could not be removed',
    ),
  )
  const inTurn = givesWay(OF_ONE_BOT)
  return {
    handlers: [handle(runExport, (job, run) => inTurn(job, run, () => makeExport(app, job.exportId, run)))],
  }
}
