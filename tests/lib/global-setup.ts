import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { TestProject } from 'vitest/node'
import { buildWeb } from '../../web/build.ts'
import { startPostgres } from '../../bin/infra/postgres.ts'
import { startRedis } from '../../bin/infra/redis.ts'
import { hasClient, missingRequirements, redisAvailable } from './requirements.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The run's own PostgreSQL; tests take databases from it through tests/lib/database.ts. */
    postgresUrl: string
    /** The run's own Redis, or '' where there is no redis-server. */
    redisUrl: string
  }
}

/** Where Node keeps compiled files, so that a worker loads them and starts in 0.8 s of a core, not in 1.2 s. */
const COMPILED = resolve(import.meta.dirname, '../../node_modules/.cache/compiled')

const quiet = { info: () => {}, warn: (message: string) => console.warn(message) }

/** One PostgreSQL and one Redis for the whole run, in a folder that goes away with it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const missing = missingRequirements()
  for (const one of missing) console.warn(`LEFT OUT: ${one}`)
  if (missing.length > 0 && process.env['CI'] === 'true') {
    throw new Error(`CI=true, but the tests cannot be complete: ${missing.join('; ')}`)
  }

  if (process.getuid?.() !== 0)
    console.warn('LEFT OUT: starts as root and as other accounts (this is not root)')
  if (!hasClient(18)) console.warn("LEFT OUT: a dump by PostgreSQL's own tools (no pg_dump >= 18 on PATH)")

  process.env['NODE_COMPILE_CACHE'] ??= COMPILED
  await buildWeb()
  const dataDir = await mkdtemp(join(tmpdir(), 'telekassa-tests-'))
  const postgres = await startPostgres({ dataDir, log: quiet, fsync: false, maxConnections: 600 })
  const redis = redisAvailable()
    ? await startRedis({ dataDir, log: quiet, databases: 4096, fsync: 'everysec' })
    : undefined
  project.provide('postgresUrl', postgres.url)
  project.provide('redisUrl', redis?.url ?? '')
  return async () => {
    await Promise.all([postgres.stop(), redis?.stop()])
    await rm(dataDir, { recursive: true, force: true })
  }
}
