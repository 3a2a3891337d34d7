import type { Order } from '#shared/money/tables.ts'
import { type Attempt, lastAttempt } from '#shared/money/attempts.ts'
import { saleOf } from '../orders.ts'
import { resellerTerms } from '../settings.ts'
import { type Evidence, walletEvidence } from '../wallet.ts'
import { readOrder } from '#shared/money/orders.ts'
import { done, later } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import type { OrderJob } from '../jobs.ts'
import { askSupplier, pause } from './asking.ts'
import { byTransactions } from './by-transactions.ts'
import type { SalesContext } from './context.ts'
import { settlePurchase } from './fulfil.ts'
import { doubt, isDecided, toReview, unknown } from './progress.ts'

/**
 * States in which a purchase is still looked up. They include ended orders, because an admin or an earlier attempt may
 * have ended the order while this attempt was under way.
 */
const OPEN = new Set(['fulfilling', 'unknown', 'review', 'delivered', 'refunded', 'failed'])
/** A purchase is looked up for at most thirty days. */
export const PATIENCE_MS = 30 * 86_400_000

/** Finds out how a purchase ended, by the supplier's id; without an id the wallet's balance is shown to an admin. */
export async function checkPurchase(context: SalesContext, job: OrderJob): Promise<Verdict> {
  const order = await readOrder(context.db, job.orderId)
  if (!order || !OPEN.has(order.state)) return done
  const attempt = await lastAttempt(context.db, order.id)
  // Each attempt has its own check, which ends with the attempt.
  if (attempt?.number !== job.round) return done
  const isOver = attempt.state === 'refused' || attempt.state === 'done'
  // A supplier that can be asked may still contradict an admin's decision.
  if (isOver && !(attempt.supplierRef && isDecided(attempt, attempt.state))) return done
  if (attempt.supplierRef) return byId(context, order, attempt, attempt.supplierRef)
  const { callTimeoutMs, pollMs } = context.config.fragment
  if (attempt.state === 'sent') {
    const restMs = callTimeoutMs * 1.1 - attempt.ageMs
    if (restMs > 0) return later(Math.min(restMs, pollMs), 'the call is still under way')
    await unknown(context, order, attempt, 'the worker stopped between the call and its answer')
    return later(pollMs, 'waiting for a callback')
  }
  return attempt.supplier === 'star-gifts'
    ? byTransactions(context, order, attempt)
    : byWallet(context, order, attempt)
}

async function byId(
  context: SalesContext,
  order: Order,
  attempt: Attempt,
  supplierRef: string,
): Promise<Verdict> {
  const { pollMs, reviewAfterMs } = context.config.fragment
  const supplier = await context.supplier(saleOf(order).way, order.bot)
  const supply = await askSupplier(() => supplier.lookup(supplierRef))
  if (supply) {
    await settlePurchase(context, order, attempt, supply, 'supplier:lookup')
    if (supply.state === 'delivered' || supply.state === 'failed') return done
  }
  if (attempt.ageMs > PATIENCE_MS) return done
  if (attempt.ageMs > reviewAfterMs) {
    await unknown(context, order, attempt, 'the supplier has not finished in time')
    await toReview(context, order, 'the supplier has not finished in time', { supplierRef })
  }
  return later(pause(pollMs, attempt.ageMs), 'the supplier is not finished')
}

/**
 * Without an id nobody can be asked. The wallet is a fact for the admin and settles nothing by itself: a top-up of
 * the same size, or a reseller that books late, looks like a purchase that never was.
 */
async function byWallet(context: SalesContext, order: Order, attempt: Attempt): Promise<Verdict> {
  const { pollMs, reviewAfterMs, callTimeoutMs } = context.config.fragment
  // A delayed worker may begin its call as late as this, and the answer to that call is better than any decision.
  const patienceMs = Math.max(reviewAfterMs, 2.2 * callTimeoutMs)
  if (attempt.ageMs <= patienceMs) return later(pause(pollMs, attempt.ageMs), 'the outcome is not known yet')
  const { verdict = 'unclear', facts = {} } = (await askSupplier(() => lookAtWallet(context))) ?? {}
  await doubt(context, order, attempt, `the wallet is ${verdict}`, { ...facts })
  return done
}

async function lookAtWallet(context: SalesContext): Promise<Evidence | undefined> {
  const { currency } = await context.settings.get(resellerTerms)
  const asset = currency === 'ton' ? 'TON' : 'USDT'
  const balance = (await context.wallet.read()).balances.find((one) => one.asset === asset)
  return balance && walletEvidence(context.db, balance)
}
