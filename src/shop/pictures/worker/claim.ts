import { sql as q } from 'kysely'
import { ago } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import { nextNumber, openCall, recentCalls } from '../attempts.ts'
import { FAIREST_FIRST, fairOrder } from '../turns.ts'
import { picturesSql } from '../tables.ts'
import { pictureToken } from '../catalogue.ts'
import { pictureLimits } from '../settings.ts'
import { moveOrder } from '#shared/money/orders.ts'
import { nextPicture, watchPicture } from '../jobs.ts'
import { owe } from '#shared/queue/outbox.ts'
import { PICTURES_AT_ONCE, bestLimit } from '#shop/loyalty/subscriptions/plans.ts'
import { ACTOR, type Parts } from './parts.ts'

export interface Claimed {
  is: 'claimed'
  orderId: string
  attempt: number
  /** The code that stands in the callback's address. */
  token: string
}
export type Claim = Claimed | { is: 'nothing' } | { is: 'wait'; ms: number }

/**
 * The number of the advisory lock under which one worker at a time counts the providers' rate and claims. The number
 * itself has no meaning.
 */
const CLAIM_LOCK = 7_351_002_715n
/** Added to a provider's window, because a call reaches the provider later than the moment that our row names. */
const JITTER_MS = 500

/**
 * Takes the picture whose turn it is and whose provider may start one more. The attempt is committed before the
 * call. The same commit owes the job that finds out when nothing more is heard of the attempt.
 */
export async function claimNext({ app, providers, times }: Parts): Promise<Claim> {
  // This is read before the transaction: a transaction holds a connection and must not wait for a second one.
  const { atOnce } = await app.settings.get(pictureLimits)
  // Another deployment may serve other bots from this database, and only that deployment has their tokens.
  const bots = [...app.bots.keys()]
  return app.db.tx(async (tx) => {
    // By hand: the number of this lock is that of earlier releases, which may run beside this one.
    await tx.rows(q`select pg_advisory_xact_lock(${CLAIM_LOCK})`)
    const waits = new Map<string, number>()
    for (const provider of providers.values()) waits.set(provider.name, await waitFor(tx, provider))
    const open = [...waits].filter(([, ms]) => ms === 0).map(([name]) => name)
    const next = await fairest(tx, atOnce, bots, open)
    if (!next) {
      const closed = await fairest(tx, atOnce, bots, [...waits.keys()])
      return closed ? { is: 'wait', ms: Math.max(50, waits.get(closed.provider) ?? 1000) } : { is: 'nothing' }
    }
    const moved = await moveOrder(tx, next.orderId, 'fulfilling', { actor: ACTOR, from: ['reserved'] })
    if (!moved) {
      // An admin has ended the order: its picture must not block the pictures behind it.
      await tx.rows(q`
        update generations set stage = 'cancelled', finished_at = clock_timestamp() where order_id = ${next.orderId}`)
      return { is: 'wait', ms: 50 }
    }

    const attempt = await nextNumber(tx, next.orderId)
    const token = pictureToken(app.secrets, next.provider, next.orderId, attempt)
    await openCall(tx, { ...next, attempt, token })
    await tx.rows(
      picturesSql
        .updateTable('generations')
        .set({
          stage: 'starting',
          started_at: q`clock_timestamp()`,
          deadline_at: q`clock_timestamp() + ${times.deadline} * interval '1 millisecond'`,
        })
        .where('order_id', '=', next.orderId),
    )
    const watch = { orderId: next.orderId, attempt, why: 'started' as const }
    await owe(tx, watchPicture, watch, { delayMs: times.lost })
    return { is: 'claimed', orderId: next.orderId, attempt, token }
  })
}

/**
 * Finds the picture whose turn it is. A person's plan may allow more pictures at once than the settings do; the
 * turns stay fair to people without a plan.
 */
async function fairest(tx: Sql, atOnce: number, bots: string[], providers: string[]) {
  // By hand: the list it selects from has window functions.
  const [next] = await tx.rows(q<{ orderId: string; provider: string }>`
    with waiting as (${fairOrder})
    select order_id as "orderId", provider from waiting
    where (turn <= ${atOnce} or turn <= ${bestLimit(q`waiting.person_id`, PICTURES_AT_ONCE)}) and bot = any(${bots}) and provider = any(${providers}) order by ${FAIREST_FIRST} limit 1`)
  return next
}

/** @returns 0 when one more task may start now, else the milliseconds until it may */
async function waitFor(
  tx: Sql,
  { name, startLimit }: { name: string; startLimit: { tasks: number; perMs: number } },
): Promise<number> {
  const windowMs = startLimit.perMs + JITTER_MS
  const { starts, freeInMs } = await recentCalls(tx, name, windowMs)
  return starts < startLimit.tasks ? 0 : Math.ceil(freeInMs)
}

/**
 * A person has one queue over all bots, but another deployment's workers start that deployment's pictures: they are
 * told that a place became free here. This runs after the end of the order is committed, so that a picture which
 * found no place a moment before finds it.
 */
export async function wakeElsewhere({ app }: Parts, orderId: string): Promise<void> {
  const own = [...app.bots.keys()]
  const waiting = await app.db.rows(
    picturesSql
      .selectFrom('generations as g')
      .innerJoin('generations as over', 'over.person_id', 'g.person_id')
      .distinctOn('g.bot')
      .select('g.order_id as orderId')
      .where('over.order_id', '=', orderId)
      .where('g.stage', '=', q.lit('queued'))
      .where('g.bot', '<>', q<string>`all(${own})`)
      .orderBy('g.bot')
      .orderBy('g.queued_at')
      .orderBy('g.order_id'),
  )
  for (const next of waiting) {
    await owe(app.db, nextPicture, { orderId: next.orderId, why: `freed-by-${orderId}` })
  }
}

/** Pictures that waited too long for their start and are to be given up. */
export function overdue({ app, times }: Parts): Promise<{ orderId: string }[]> {
  return app.db.rows(
    picturesSql
      .selectFrom('generations')
      .select('order_id as orderId')
      .where('stage', '=', q.lit('queued'))
      .where('queued_at', '<', ago(times.queue, 'millisecond'))
      .orderBy('queued_at')
      .limit(100),
  )
}
