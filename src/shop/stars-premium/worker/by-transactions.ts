import { isDeepStrictEqual } from 'node:util'
import type { Sql } from '#shared/db/db.ts'
import type { Attempt } from '#shared/money/attempts.ts'
import type { Order } from '#shared/money/tables.ts'
import { done, later } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { delivered, failed } from '../endings.ts'
import { saleOf } from '../orders.ts'
import { gift } from '../star-gifts.ts'
import { starsPremiumSql } from '../tables.ts'
import type { SalesContext } from './context.ts'
import { askSupplier, pause } from './asking.ts'
import { doubt } from './progress.ts'

/**
 * Telegram's list of transactions is complete at once. Five minutes are for a call that was slow to arrive, or that Telegram
 * carries out after nobody waits for it any more.
 */
const GIFT_SETTLED_MS = 300_000
/** Where an admin is asked sooner than that, money still waits ten times as long as a call may take. */
const SETTLED_AFTER_CALLS = 10
const CLOCKS_DIFFER_SECONDS = 120

/**
 * The bot's own list of Star transactions is complete at once, and so is its answer. An admin decides, with the list,
 * where a gift came at a moment that our clock and Telegram's may disagree about, and where it could be that of
 * another order for the same gift to the same person, whose end is not known either.
 */
export async function byTransactions(
  context: SalesContext,
  order: Order,
  attempt: Attempt,
): Promise<Verdict> {
  const { pollMs, reviewAfterMs } = context.config.fragment
  const supplier = await context.starSupplier(order.bot)
  const settledMs = Math.max(
    Math.min(reviewAfterMs, GIFT_SETTLED_MS),
    SETTLED_AFTER_CALLS * supplier.timeoutMs,
  )
  const { goods, recipients } = saleOf(order)
  const recipient = { username: null, telegramId: BigInt(recipients[0]?.telegramId ?? 0) }
  const actor = 'supplier:transactions'
  const since = Math.floor(attempt.createdAt.getTime() / 1000)
  const about = await askSupplier(() => supplier.given(goods, recipient, since - CLOCKS_DIFFER_SECONDS))
  const found = about?.filter(({ at }) => at >= since)
  const rivals = about ? await othersInDoubt(context.db, order, attempt) : 0
  if (found?.[0] && rivals === 0) {
    const supply = gift(found[0].id, goods.kind)
    await context.db.tx((tx) => delivered(tx, context.bots, attempt, supply, { actor }))
    return done
  }
  if (about && attempt.ageMs > settledMs) {
    if (about.length === 0) {
      await context.db.tx((tx) => failed(tx, order.id, attempt, 'fragment-not-executed', { actor }))
      return done
    }
    const reason =
      found?.length === 0
        ? 'a gift to this person came about the same moment'
        : 'another order for the same gift to this person is in doubt, too'
    await doubt(context, order, attempt, reason, {
      given: about.slice(0, 5).map(({ at }) => new Date(at * 1000).toISOString()),
      rivals,
    })
    return done
  }
  return later(pause(pollMs, attempt.ageMs), 'the gift is not in the list of transactions yet')
}

/**
 * Other attempts to give the same goods to the same person that may have a gift of the list: their end is not known, or
 * they were answered with a yes and their gift could not be looked up.
 */
async function othersInDoubt(sql: Sql, order: Order, attempt: Attempt): Promise<number> {
  const ago = (ms: number) => new Date(attempt.createdAt.getTime() - ms)
  const rows = await sql.rows(
    starsPremiumSql
      .selectFrom('attempts as a')
      .innerJoin('orders as o', 'o.id', 'a.order_id')
      .select('o.details')
      .where('a.supplier', '=', attempt.supplier)
      .where('a.id', '<>', attempt.id)
      .where('a.created_at', '>', ago(30 * 86_400_000))
      .where((are) =>
        are.or([
          are('a.state', 'in', ['sent', 'unknown']),
          are.and([
            are('a.state', '=', 'done'),
            are('a.supplier_ref', 'is', null),
            are('a.created_at', '>', ago(CLOCKS_DIFFER_SECONDS * 1000)),
          ]),
        ]),
      )
      .where('o.bot', '=', order.bot),
  )
  return rows.filter((one) => isDeepStrictEqual(givenBy(one), givenBy(order))).length
}

function givenBy(order: Pick<Order, 'details'>) {
  const { goods, recipients } = saleOf(order)
  return { goods, whom: recipients[0]?.telegramId }
}
