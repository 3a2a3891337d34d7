import { sql as q } from 'kysely'
import { literal, NOW } from '#shared/db/build.ts'
import type { Context } from '#shared/context.ts'
import { explain } from '#shared/errors.ts'
import { lastProof } from '#shared/money/proof.ts'
import { balancesOf } from '#shared/money/star-balances.ts'
import { stateOfServers } from '#shared/queue/primaries.ts'
import { queueStates } from '#shared/queue/states.ts'
import type { QueueState } from '#shared/queue/states.ts'
import type { Reader } from '#shared/reader.ts'
import { hasInlineMode } from '#shared/telegram/inline-mode.ts'
import { countDeadLetters } from './letters.ts'
import { adminSql } from './tables.ts'

/** A job that has waited this long is worth a warning. */
const LATE_SECONDS = 60
/** Up to so many bots are asked whether inline mode is on. */
const MOST_ASKED = 20
/** The ledger is proven every 5 minutes. After three missed proofs something is wrong. */
const STALE_PROOF_MS = 15 * 60_000

type App = Pick<Context, 'db' | 'producer' | 'backend' | 'log' | 'bots'>

export type Light = '🟢' | '🟡' | '🔴'

/** A sentence about a part, and its state. */
export interface HealthLine {
  light: Light
  text: string
}

export const lightOf = (ageSeconds: number): Light =>
  ageSeconds > LATE_SECONDS ? '🔴' : ageSeconds > 10 ? '🟡' : '🟢'

/** If a part does not answer, a line says so. */
export async function guardedLines<Line>(
  app: Pick<App, 'log'>,
  read: () => Promise<Line[]>,
  failed: () => Line,
): Promise<Line[]> {
  try {
    return await read()
  } catch (error) {
    app.log.warn({ reason: explain(error) }, 'a part of the shop does not answer the health check')
    return [failed()]
  }
}

/** The database and what is owed, the bots, the ledger. */
export async function healthLines(
  app: App,
  reader: Reader & { bot: { name: string } },
): Promise<HealthLine[]> {
  const failed = (): HealthLine => ({ light: '🔴', text: reader.t('health-part-failed') })
  const parts = [databaseLines, redisLines, botLines, ledgerLines, starLines].map((read) =>
    guardedLines(app, () => read(app, reader), failed),
  )
  return (await Promise.all(parts)).flat()
}

/**
 * With several Redis servers this line names those that are away. With a single server the lines of the queues say
 * it.
 */
async function redisLines({ backend }: App, reader: Reader): Promise<HealthLine[]> {
  if (backend.servers.length === 1) return []
  const { away } = await stateOfServers(backend.servers)
  return away.map((place) => ({ light: '🔴', text: reader.t('health-redis-away', { place }) }))
}

async function databaseLines(app: App, reader: Reader): Promise<HealthLine[]> {
  const startedAt = performance.now()
  const [outbox] = await app.db.rows(
    adminSql
      .selectFrom('outbox')
      .select([
        q<bigint>`count(*)`.as('owed'),
        q<number>`coalesce(extract(epoch from now() - min(greatest(created_at, run_at))), 0)::float8`.as(
          'age',
        ),
      ])
      .where('state', '=', literal('owed'))
      .where('run_at', '<=', NOW),
  )
  const ms = Math.round(performance.now() - startedAt)
  const dead = await countDeadLetters(app.db)
  const { owed, age } = outbox!
  return [
    { light: '🟢', text: reader.t('health-database', { ms }) },
    {
      light: lightOf(age),
      text: reader.t('health-outbox', { owed: Number(owed), age: ageWords(reader, age) }),
    },
    { light: dead > 0 ? '🟡' : '🟢', text: reader.t('health-letters', { count: dead }) },
  ]
}

async function botLines({ db, bots: served }: App, { t }: Reader): Promise<HealthLine[]> {
  const bots = await db.rows(
    adminSql
      .selectFrom('bots')
      .select(['name', 'username', 'state'])
      .where('state', '<>', 'removed')
      .orderBy('name'),
  )
  // Telegram is not asked about hundreds of bots whenever somebody opens this page.
  const asked = bots.length > MOST_ASKED ? [] : bots
  const inline = await Promise.all(
    asked.map(async ({ name }) => {
      const bot = served.get(name)
      return bot && (await hasInlineMode(bot))
    }),
  )
  return bots.map(({ name, username, state }, at) => ({
    light: state === 'active' ? '🟢' : '🔴',
    text: t(inline[at] === false ? 'health-bot-no-inline' : 'health-bot', {
      who: username ? `@${username}` : name,
      state: t(`bot-state-${state}`),
    }),
  }))
}

async function ledgerLines({ db }: App, { t, when }: Reader): Promise<HealthLine[]> {
  const proof = await lastProof(db)
  if (!proof) return [{ light: '🟡', text: t('health-unproven') }]
  const date = when(proof.at)
  if (!proof.ok) return [{ light: '🔴', text: t('health-ledger-wrong', { date }) }]
  const stale = Date.now() - proof.at.getTime() > STALE_PROOF_MS
  return [{ light: stale ? '🟡' : '🟢', text: t('health-ledger', { date }) }]
}

/** What the bot of this page holds in Stars, by the books and by Telegram. The Stars of other bots are their owners' matter. */
async function starLines(
  { db }: App,
  { t, when, money, bot }: Reader & { bot: { name: string } },
): Promise<HealthLine[]> {
  const [balance] = await balancesOf(db, [bot.name])
  if (!balance) return []
  const { telegram, books, since, lasts, at } = balance
  const words = { telegram: money(telegram, 'XTR'), books: money(books, 'XTR') }
  if (!since) return [{ light: '🟢', text: t('health-stars', { ...words, date: when(at) }) }]
  return [{ light: lasts ? '🔴' : '🟡', text: t('health-stars-differ', { ...words, date: when(since) }) }]
}

/** A queue in numbers for people: "waiting" are all jobs that could run now. */
export interface QueueLine {
  name: string
  waiting: number
  active: number
  delayed: number
  /** How many of its parts somebody paused. */
  paused: number
  failed: number
  ageSeconds: number
}

export async function queueLines(app: App): Promise<QueueLine[]> {
  const states = await queueStates(app)
  return states.map(({ name, counts, oldestAgeSeconds, paused }: QueueState) => ({
    name,
    waiting: counts.wait + counts.prioritized + counts.due + counts.paused,
    active: counts.active,
    delayed: counts.delayed - counts.due,
    paused,
    failed: counts.failed,
    ageSeconds: oldestAgeSeconds,
  }))
}

export function ageWords({ t }: Pick<Reader, 't'>, seconds: number): string {
  if (seconds < 1) return t('duration-now')
  return seconds < 120
    ? t('duration-seconds', { count: Math.round(seconds) })
    : t('duration-minutes', { count: Math.round(seconds / 60) })
}
