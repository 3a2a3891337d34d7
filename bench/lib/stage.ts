import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate } from '#shared/db/migrate.ts'
import { startInfra } from '../../bin/infra/start.ts'
import type { Infra } from '../../bin/infra/start.ts'

/**
 * A database and a queue of this run, durable as in production, in a folder that is removed at the end, or in one
 * that is kept for the next run.
 */
export async function openBenchStage(kept?: string): Promise<Infra> {
  if (kept !== undefined) await mkdir(kept, { recursive: true })
  const dataDir = kept ?? (await mkdtemp(join(tmpdir(), 'telekassa-bench-')))
  const infra = await startInfra({ dataDir }, { info: () => {}, warn: (line) => console.warn(line) })
  await migrate(infra.databaseUrl)
  return {
    ...infra,
    async stop() {
      await infra.stop()
      if (kept === undefined) await rm(dataDir, { recursive: true, force: true })
    },
  }
}
