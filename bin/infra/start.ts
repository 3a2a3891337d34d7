import { resolve } from 'node:path'
import type { QueueTarget } from '#shared/queue/backend.ts'
import type { QueueMap } from '#shared/queue/queue-map.ts'
import { startPostgres } from './postgres.ts'
import { findRedis, startRedis } from './redis.ts'
import type { InfraLog } from './server.ts'

/** The place of the jobs: Redis, or BullMQ's own tables in PostgreSQL. */
export type QueueBackend = QueueTarget

export interface Infra {
  databaseUrl: string
  queue: QueueBackend
  stop: () => Promise<void>
}

/**
 * The database and the queue that this system runs on: those that the settings name, else servers of our own that
 * keep their data in `dataDir` and stop with us. The log gets one line about each choice.
 * @throws FolderInUse when another telekassa keeps its data there
 */
export async function startInfra(
  settings: {
    databaseUrl?: string | undefined
    redisUrl?: string | undefined
    redisQueues?: QueueMap | undefined
    dataDir: string
  },
  log: InfraLog,
): Promise<Infra> {
  const stops: (() => Promise<void>)[] = []
  const stop = async (): Promise<void> => {
    for (const one of stops.splice(0).toReversed()) await one()
  }
  try {
    const databaseUrl = await chooseDatabase()
    return { databaseUrl, queue: await chooseQueue(databaseUrl), stop }
  } catch (error) {
    await stop()
    throw error
  }

  async function chooseDatabase(): Promise<string> {
    if (settings.databaseUrl) {
      log.info('database: the one in DATABASE_URL')
      return settings.databaseUrl
    }
    const postgres = await startPostgres({ dataDir: settings.dataDir, log })
    stops.push(postgres.stop)
    log.info(
      `database: embedded PostgreSQL, data in ${resolve(settings.dataDir)} (set DATABASE_URL to use another)`,
    )
    return postgres.url
  }

  async function chooseQueue(databaseUrl: string): Promise<QueueBackend> {
    if (settings.redisUrl) {
      const { redisUrl: url, redisQueues: map } = settings
      log.info(
        map ? 'queue: the Redis servers in REDIS_URL and REDIS_QUEUES' : 'queue: the Redis in REDIS_URL',
      )
      return { kind: 'redis', url, ...(map && { map }) }
    }
    const program = await findRedis()
    if (program?.usable) {
      const redis = await startRedis({ dataDir: settings.dataDir, log })
      stops.push(redis.stop)
      log.info(`queue: ${program.path} ${program.version}, data in ${resolve(settings.dataDir)}`)
      return { kind: 'redis', url: redis.url }
    }
    const reason = program
      ? `${program.path} ${program.version} is older than 6.2`
      : 'no redis-server on PATH'
    log.info(`queue: BullMQ's PostgreSQL back end, one process only (${reason}, REDIS_URL is not set)`)
    return { kind: 'postgres', url: databaseUrl }
  }
}
