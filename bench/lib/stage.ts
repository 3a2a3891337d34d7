import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate } from '#shared/db/migrate.ts'
import { startInfra } from '../../bin/infra/start.ts'
import type { Infra } from '../../bin/infra/start.ts'

/** A database and a queue of the run's own, durable as in production, in a folder that goes away with it. */
export async function openBenchStage(): Promise<Infra> {
  const dataDir = await mkdtemp(join(tmpdir(), 'telekassa-bench-'))
  const infra = await startInfra({ dataDir }, { info: () => {}, warn: (line) => console.warn(line) })
  await migrate(infra.databaseUrl)
  return {
    ...infra,
    async stop() {
      await infra.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
