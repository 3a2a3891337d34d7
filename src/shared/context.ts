import type { Config } from './config/config.ts'
import { openDb } from './db/db.ts'
import type { Db } from './db/db.ts'
import type { ReplicaOptions } from './db/reads.ts'
import type { Assortment } from './good.ts'
import { loadTexts } from './i18n/texts.ts'
import type { Texts } from './i18n/texts.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { QueueBackend } from './queue/backend.ts'
import type { QueueProgress } from './progress.ts'
import type { Producer } from './queue/producer.ts'
import { createStanding } from './queue/standing.ts'
import type { Standing } from './queue/standing.ts'
import { startRelay } from './queue/relay.ts'
import type { Relay } from './queue/relay.ts'
import { secretsFrom } from './secrets.ts'
import type { Secrets } from './secrets.ts'
import { lookAtAddress, lookAtDatabase } from './servers.ts'
import { createSettings } from './settings/settings.ts'
import type { Settings } from './settings/settings.ts'
import type { Tracer } from './trace/trace.ts'
import type { Bots } from './telegram/bots.ts'
import { keepRoster } from './telegram/roster.ts'

/** What a process shares among its parts; opened once, passed on. */
export interface Shared {
  config: Config
  log: Log
  metrics: Metrics
  backend: QueueBackend
  /** The list of everything that is sold; all code reads the list from here. */
  goods: Assortment
  producer: Producer
  /** Where the queues report that jobs end. */
  progress?: QueueProgress
  /** The workers of this process, for its health answer. */
  standings?: Set<Standing>
  /** Makes traces; undefined without a collector. */
  tracer?: Tracer
}

/** What a worker's handlers work with. A handler declares the part that it uses. */
export interface Context extends Shared {
  db: Db
  relay: Relay
  /** Whether this worker can do its work or leaves it to other workers. */
  standing: Standing
  texts: Texts
  secrets: Secrets
  settings: Settings
  /** The bots of this deployment at this moment: owners add and remove bots while the process runs. */
  bots: Bots
  /**
   * Reads the list of bots again, for a bot that was added a moment ago.
   * @throws when the database is away
   */
  refreshBots(): Promise<void>
}

const STATEMENT_MS = 60_000

/** The standby of the settings; the log tells when it goes away and comes back. */
export function replicaOf(
  { databaseReadUrl: url, databaseReadMaxAge }: Config,
  log: Log,
): ReplicaOptions | undefined {
  if (url === undefined) return undefined
  return {
    url,
    maxAgeMs: databaseReadMaxAge * 1_000,
    changed(reason) {
      if (reason !== undefined)
        log.warn(
          { reason },
          'the replica is not read: lists, statistics and exports are asked of the primary',
        )
      else log.info('the replica is read again')
    },
  }
}

/**
 * Opens what one worker needs besides the process's shared parts: a database pool of its own, so that no other worker
 * in the process can starve it, and a relay for the jobs that its transactions owe.
 */
export async function openContext(
  shared: Shared,
  options: {
    name: string
    databaseUrl: string
    poolSize: number
    statementMs?: number | undefined
    needs?: Readonly<Record<string, string>> | undefined
  },
): Promise<Context & { close(): Promise<void> }> {
  const log = shared.log.child({ worker: options.name })
  const looks = Object.entries(options.needs ?? {}).map(
    ([server, address]) => [server, () => lookAtAddress(address)] as const,
  )
  const standing = createStanding({ ...shared, log }, options.name, {
    database: () => lookAtDatabase(options.databaseUrl),
    ...Object.fromEntries(looks),
  })
  const db = await openDb(options.databaseUrl, {
    max: options.poolSize,
    name: options.name,
    prepared: shared.config.preparedStatements,
    statementMs: options.statementMs ?? STATEMENT_MS,
    trouble: () => standing.doubt('database'),
    replica: replicaOf(shared.config, log),
  })
  shared.standings?.add(standing)
  shared.metrics.watchPool(options.name, db.pool)
  if (db.replica) shared.metrics.watchReplica(options.name, db.replica)
  const secrets = secretsFrom(shared.config)
  const trouble = () => standing.doubt('telegram')
  const roster = keepRoster({ ...shared, log, db, secrets, trouble })
  const relay = startRelay(db, shared.producer, log, undefined, () => [...roster.bots.keys()])
  return {
    ...shared,
    log,
    db,
    relay,
    standing,
    texts: loadTexts(),
    secrets,
    settings: createSettings(db, shared.config),
    bots: roster.bots,
    refreshBots: () => roster.refresh(),
    async close() {
      shared.standings?.delete(standing)
      standing.stop()
      roster.stop()
      await relay.stop()
      await db.close()
    },
  }
}
