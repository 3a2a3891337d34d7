import type { Order } from '../../shared/db/entities/trade.ts'
import { Rejected, Transient } from '../../shared/errors.ts'
import { type Attempt, lastAttempt } from '../../shared/fragment/attempts.ts'
import { saleOf } from '../../shared/fragment/orders.ts'
import { fragmentTerms } from '../../shared/fragment/settings.ts'
import { walletEvidence } from '../../shared/fragment/wallet.ts'
import { readOrder } from '../../shared/orders/orders.ts'
import { done, later } from '../../shared/queue/job.ts'
import type { Verdict } from '../../shared/queue/job.ts'
import type { OrderJob } from '../../shared/queue/jobs/fragment.ts'
import type { FragmentContext } from './context.ts'
import { settle } from './fulfil.ts'
import { failed, toReview, unknown } from './outcome.ts'

const OPEN = new Set(['fulfilling', 'unknown', 'review'])
const DAY_MS = 86_400_000

/** Finds out how a purchase went, until it is known: by its id, or else by what the wallet says. */
export async function check(context: FragmentContext, job: OrderJob): Promise<Verdict> {
  const order = await readOrder(context.db, job.orderId)
  if (!order || !OPEN.has(order.state)) return done
  const attempt = await lastAttempt(context.db, order.id)
  if (!attempt || attempt.state === 'refused' || attempt.state === 'done') return done
  if (attempt.supplierRef) return byId(context, order, attempt, attempt.supplierRef)
  const { callTimeoutMs, pollMs } = context.config.fragment
  if (attempt.state === 'sent') {
    const restMs = callTimeoutMs * 1.1 - attempt.ageMs
    if (restMs > 0) return later(Math.min(restMs, pollMs), 'the call is still under way')
    await unknown(context, order, attempt, 'the worker stopped between the call and its answer')
    return later(pollMs, 'waiting for a callback')
  }
  return byWallet(context, order, attempt)
}

async function byId(
  context: FragmentContext,
  order: Order,
  attempt: Attempt,
  supplierRef: string,
): Promise<Verdict> {
  const { pollMs, reviewAfterMs } = context.config.fragment
  const supplier = await context.supplier(saleOf(order).way, order.bot)
  const supply = await ask(() => supplier.lookup(supplierRef))
  if (supply) {
    await settle(context, order, attempt, supply, 'supplier:lookup')
    if (supply.state === 'delivered' || supply.state === 'failed') return done
  }
  if (attempt.ageMs > 30 * DAY_MS) return done
  if (attempt.ageMs > reviewAfterMs) {
    await unknown(context, order, attempt, 'the supplier has not finished in time')
    await toReview(context, order, 'the supplier has not finished in time', { supplierRef })
  }
  return later(pause(pollMs, attempt.ageMs), 'the supplier is not finished')
}

/** A supplier that is away, or refuses to answer, says nothing about the order. */
async function ask<T>(lookup: () => Promise<T>): Promise<T | undefined> {
  try {
    return await lookup()
  } catch (error) {
    if (error instanceof Transient || error instanceof Rejected) return undefined
    throw error
  }
}

async function byWallet(context: FragmentContext, order: Order, attempt: Attempt): Promise<Verdict> {
  const { pollMs, evidenceAfterMs, reviewAfterMs } = context.config.fragment
  if (attempt.supplier === 'fragment' && attempt.ageMs > evidenceAfterMs) {
    const { currency } = await context.settings.get(fragmentTerms)
    const asset = currency === 'ton' ? 'TON' : 'USDT'
    const wallet = await ask(() => context.wallet.read())
    const balance = wallet?.balances.find((one) => one.asset === asset)
    const evidence = balance && (await walletEvidence(context.db, balance))
    if (evidence?.verdict === 'untouched') {
      await failed(context, order, attempt, 'fragment-not-executed', 'supplier:wallet')
      return done
    }
    if (evidence && attempt.ageMs > reviewAfterMs) {
      await toReview(context, order, `the wallet is ${evidence.verdict}`, { ...evidence.facts })
    }
  }
  if (attempt.ageMs > 30 * DAY_MS) return done
  return later(pause(pollMs, attempt.ageMs), 'the outcome is not known yet')
}

/** Often at first, then a tenth of the purchase's age, at most every ten minutes. */
function pause(pollMs: number, ageMs: number): number {
  return Math.min(Math.max(pollMs, ageMs / 10), 600_000)
}
