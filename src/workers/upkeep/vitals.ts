import { sql as q } from 'kysely'
import pLimit from 'p-limit'
import type { Context } from '#shared/context.ts'
import { ago, literal } from '#shared/db/build.ts'
import { balancesOf } from '#shared/money/star-balances.ts'
import { moneySql } from '#shared/money/tables.ts'
import { explain } from '#shared/errors.ts'
import type { QueueServer } from '#shared/queue/queue-server.ts'

/**
 * How many minutes a paid order or payment may stay in a state before it counts as stuck. Fulfilling covers the
 * longest wait for a supplier (330 s) and a retry; a state that waits for a person has an hour.
 */
const PATIENCE = [
  { stage: 'reserved', minutes: 5 },
  { stage: 'fulfilling', minutes: 15 },
  { stage: 'unknown', minutes: 15 },
  { stage: 'review', minutes: 60 },
] as const

/**
 * How many bots are asked at the same time: each is asked once a minute, and a thousand in sequence would take longer.
 */
const BOTS_AT_ONCE = 10

/**
 * What has been paid and not served, where Stars are not what the books say, the backup's age, and how full PostgreSQL and
 * Redis are.
 */
export async function readVitals(app: Pick<Context, 'db' | 'metrics' | 'backend' | 'bots'>): Promise<void> {
  const { db, metrics } = app
  for (const { stage, minutes } of PATIENCE) {
    const [row] = await db.rows(
      moneySql
        .selectFrom('orders')
        .select(({ fn }) => fn.countAll<bigint>().as('stuck'))
        .where('state', '=', stage)
        // A service that a human does is late only after the moment that the buyer was promised.
        .where(
          q<boolean>`greatest(updated_at, (details ->> 'promisedUntil')::timestamptz) < ${ago(minutes, 'minute')}`,
        ),
    )
    metrics.ordersStuck.set({ stage }, Number(row!.stuck))
  }
  const [payments] = await db.rows(
    moneySql
      .selectFrom('payments')
      .select(({ fn }) => fn.countAll<bigint>().as('stuck'))
      .where('state', '=', literal('review'))
      .where('updated_at', '<', ago(1, 'hour')),
  )
  metrics.ordersStuck.set({ stage: 'payment_review' }, Number(payments!.stuck))
  await readStars(app)

  // By hand: these are PostgreSQL's own views and functions, which no table declares.
  const [server] = await db.rows(q<{ connections: number; most: number; size: number; backup: number }>`
    select (select count(*) from pg_stat_activity where backend_type = 'client backend')::float8 as connections,
           current_setting('max_connections')::float8 as most,
           pg_database_size(current_database())::float8 as size,
           coalesce((select extract(epoch from updated_at) from cursors where name = 'backup'), 0)::float8 as backup`)
  metrics.dbServerConnections.set(server!.connections)
  metrics.dbServerMaxConnections.set(server!.most)
  metrics.dbSize.set(server!.size)
  metrics.backupTimestamp.set(server!.backup)
  await readRedis(app)
}

/** Read from the rows, because one replica compares and all of them export; a bot that left is not exported any more. */
async function readStars({ db, metrics, bots }: Pick<Context, 'db' | 'metrics' | 'bots'>): Promise<void> {
  const compared = bots.size > 0 ? await balancesOf(db, [...bots.keys()]) : []
  metrics.starsDifference.reset()
  for (const { bot, telegram, books, lasts } of compared)
    metrics.starsDifference.set({ bot }, lasts ? Number(telegram - books) : 0)
}

async function readRedis({ backend, metrics }: Pick<Context, 'backend' | 'metrics'>): Promise<void> {
  await Promise.all(backend.servers.map((server) => readServer(server, metrics)))
}

async function readServer({ place, redis }: QueueServer, metrics: Context['metrics']): Promise<void> {
  if (!redis) return
  const info = await redis.info().catch(() => undefined)
  metrics.redisUp.set({ redis: place }, info === undefined ? 0 : 1)
  if (info === undefined) return
  const field = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0)
  metrics.redisMemory.set({ redis: place }, field('used_memory'))
  metrics.redisMaxMemory.set({ redis: place }, field('maxmemory') || field('total_system_memory'))
  metrics.redisEvictedKeys.set({ redis: place }, field('evicted_keys'))
}

/** How many updates Telegram still holds for each bot; it drops them after 24 hours. */
export async function readBacklog({
  bots,
  metrics,
  log,
}: Pick<Context, 'bots' | 'metrics' | 'log'>): Promise<void> {
  await pLimit(BOTS_AT_ONCE).map([...bots.values()], async (bot) => {
    try {
      const info = await bot.api.getWebhookInfo()
      metrics.webhookPending.set({ bot: bot.name }, info.pending_update_count)
    } catch (error) {
      metrics.webhookPending.remove({ bot: bot.name })
      log.debug({ bot: bot.name, reason: explain(error) }, 'Telegram does not say what it holds for a bot')
    }
  })
}
