import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type pg from 'pg'
import { Gauge, Histogram } from 'prom-client'
import type { Registry } from 'prom-client'
import type { ReplicaState } from './db/reads.ts'

/** Metrics of this process and of its servers; the upkeep worker sets those without a `collect`. */
export function createVitals(registry: Registry) {
  const registers = [registry]
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `telekassa_${name}`, help, labelNames, registers })

  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  gauge('build_info', 'Always 1; the label says which release runs', ['version']).set({ version }, 1)

  const delay = monitorEventLoopDelay({ resolution: 20 })
  delay.enable()
  new Gauge({
    name: 'telekassa_event_loop_lag_seconds',
    help: 'How late timers were, 99th percentile since the last scrape; above 0.2 locks of jobs are at risk',
    registers,
    collect() {
      // The histogram measures the whole interval between two samples, so the interval is subtracted to get the lag.
      this.set(Math.max(0, (Number.isNaN(delay.percentile(99)) ? 0 : delay.percentile(99)) / 1e9 - 0.02))
      delay.reset()
    },
  })

  const pools = new Map<string, pg.Pool>()
  new Gauge({
    name: 'telekassa_db_pool_connections',
    help: 'Connections of this process to PostgreSQL; waiting = callers that wait for one',
    labelNames: ['pool', 'state'],
    registers,
    collect() {
      for (const [pool, { totalCount, idleCount, waitingCount }] of pools) {
        this.set({ pool, state: 'busy' }, totalCount - idleCount)
        this.set({ pool, state: 'idle' }, idleCount)
        this.set({ pool, state: 'waiting' }, waitingCount)
      }
    },
  })

  const replicas = new Map<string, () => Promise<ReplicaState>>()
  new Gauge({
    name: 'telekassa_replica_serves',
    help: 'Whether the replica of DATABASE_READ_URL is read; 0 = away or too old, and the primary does its work',
    labelNames: ['pool'],
    registers,
    async collect() {
      for (const [pool, look] of replicas) this.set({ pool }, (await look()).serves ? 1 : 0)
    },
  })
  new Gauge({
    name: 'telekassa_replica_age_seconds',
    help: 'How far the replica is behind the primary, at most',
    labelNames: ['pool'],
    registers,
    async collect() {
      for (const [pool, look] of replicas) this.set({ pool }, (await look()).ageSeconds)
    },
  })

  return {
    /** From now on each scrape checks this replica. */
    watchReplica(name: string, look: () => Promise<ReplicaState>): void {
      replicas.set(name, look)
    },
    /** From now on this pool's connections are counted. */
    watchPool(name: string, pool: pg.Pool): void {
      pools.set(name, pool)
    },
    jobAttempts: new Histogram({
      name: 'telekassa_job_attempts',
      help: 'Tries that a job took until it was completed or given up',
      labelNames: ['queue'],
      buckets: [1, 2, 3, 5, 10],
      registers,
    }),
    providerRequestDuration: new Histogram({
      name: 'telekassa_provider_request_duration_seconds',
      help: 'How long calls to providers took',
      labelNames: ['provider', 'operation'],
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
      registers,
    }),
    telegramRetryAfter: new Histogram({
      name: 'telekassa_telegram_retry_after_seconds',
      help: 'How long Telegram told us to wait with a 429',
      buckets: [1, 3, 10, 30, 60, 300, 3600],
      registers,
    }),
    serverAway: gauge(
      'server_away',
      'Whether this worker is cut off from a server it calls: database, telegram, reseller, or a vendor by its name',
      ['worker', 'server'],
    ),
    yields: gauge(
      'worker_yields',
      'Whether this worker leaves its jobs to others, because it is cut off and they are not',
      ['worker'],
    ),
    queuePaused: gauge(
      'queue_paused',
      'Partitions of the queue that somebody has paused; a queue without partitions is one',
      ['queue'],
    ),
    ledgerImbalance: gauge(
      'ledger_imbalance_minor_units',
      'What the entries of a currency sum to; must be 0',
      ['currency'],
    ),
    ordersStuck: gauge('orders_stuck', 'Paid orders and payments that stand longer than they may', ['stage']),
    starsDifference: gauge(
      'stars_difference',
      'Stars that Telegram says a bot holds, less those of the books, once a difference lasts; 0 = they agree',
      ['bot'],
    ),
    webhookPending: gauge('webhook_pending_updates', 'Updates that Telegram holds for a bot', ['bot']),
    broadcastRecipients: gauge('broadcast_recipients', 'Recipients of unfinished mailings', ['state']),
    backupTimestamp: gauge('backup_timestamp_seconds', 'When the last backup was complete; 0 = never'),
    dbServerConnections: gauge('db_server_connections', 'Connections of everybody to the PostgreSQL server'),
    dbServerMaxConnections: gauge('db_server_max_connections', 'How many the PostgreSQL server allows'),
    dbSize: gauge('db_size_bytes', 'Size of the database'),
    redisUp: gauge('redis_up', 'Whether a Redis answers', ['redis']),
    redisMemory: gauge('redis_memory_bytes', 'Memory that a Redis uses', ['redis']),
    redisMaxMemory: gauge('redis_max_memory_bytes', 'maxmemory of a Redis, or the memory of its machine', [
      'redis',
    ]),
    redisEvictedKeys: gauge('redis_evicted_keys', 'Keys that a Redis threw away; jobs are among them', [
      'redis',
    ]),
  }
}
