import { addressBelow } from '#shared/http.ts'
import pRetry from 'p-retry'
import { databaseIsDown, violatedConstraint } from '#shared/db/errors.ts'
import type { Order } from '#shared/money/tables.ts'
import { explain, Rejected, Transient } from '#shared/errors.ts'
import { type Attempt, lastAttempt, openAttempt } from '#shared/money/attempts.ts'
import { orderToken } from '../callback-token.ts'
import { contradicted, delivered, failed } from '../endings.ts'
import { saleOf } from '../orders.ts'
import { cannotAfford } from '../wallet.ts'
import { newId } from '#shared/ids.ts'
import { moveOrder, readOrder } from '#shared/money/orders.ts'
import { LoginFailed, NOT_ENOUGH_FUNDS } from '../reseller/errors.ts'
import type { Purchase, Supplier, Supply } from '../supplier.ts'
import type { Run } from '#shared/queue/executor.ts'
import { done, later, reject } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { checkOrder, type OrderJob } from '../jobs.ts'
import { owe } from '#shared/queue/outbox.ts'
import { type SalesContext, WORKER } from './context.ts'
import { lookAgain } from './look-again.ts'
import { resumeAndTell, stopAndTell, tellStarsEmpty } from './notices.ts'
import { accepted, isDecided, notExecuted, showWaiting, toReview, unknown } from './progress.ts'

/** The pause before the next try, when nothing was sent or the reseller cannot deliver now. */
const RETRY_MS = 15_000
/** The breaker's pause is over this much later by the clock of the queue. */
const LATER_MS = 100
/** The pause when nothing stands in the way of the next try but another worker's last step. */
const SOON_MS = 1_000
const TOO_LATE: Outcome = {
  name: 'nothing',
  afterMs: SOON_MS,
  reason: 'the worker was held up before the call',
}
/** The pause when our wallet or our documents are the problem: admins are told, and the order waits. */
const OURS_MS = 60_000

/**
 * The next step of an order that is paid for. Run again at any moment it looks at the rows and never buys twice:
 * an attempt that is written down and not refused for certain blocks a second one.
 */
export async function fulfil(context: SalesContext, job: OrderJob, run: Run): Promise<Verdict> {
  const order = await readOrder(context.db, job.orderId)
  if (!order) return reject(`there is no order ${job.orderId}`)
  if (order.state === 'fulfilling') return afterCrash(context, order)
  if (order.state !== 'reserved') return done

  const { way } = saleOf(order)
  const wait = way === 'fragment' ? await reasonToWait(context, order) : undefined
  if (wait) {
    await showWaiting(context, order, 'fragment-wait-supplier')
    return wait
  }
  const changed = await lookAgain(context, order)
  if (changed) return changed
  const supplier = await context.supplier(way, order.bot)
  const begun = await begin(context, order, supplier.name)
  if (!begun) return done
  const { attempt, elapsedMs } = begun
  // A process that was frozen after its intent may find that others have decided meanwhile; then it must not call.
  const isLate = elapsedMs() > supplier.timeoutMs
  const outcome = isLate ? TOO_LATE : await call(context, supplier, purchaseOf(context, order, attempt))
  run.log.info(
    { order: order.id, attempt: attempt.number, outcome: outcome.name },
    'the supplier was asked to deliver',
  )
  return record(context, order, attempt, outcome)
}

/** The worker that wrote the attempt is dead or still waits for its answer; the attempt's age tells which. */
async function afterCrash(context: SalesContext, order: Order): Promise<Verdict> {
  const attempt = await lastAttempt(context.db, order.id)
  // The attempt ended between the two looks: its order may wait for the next try, and has no other job.
  if (attempt?.state === 'refused' && (await readOrder(context.db, order.id))?.state === 'reserved')
    return later(SOON_MS, 'the attempt before ended a moment ago')
  if (!attempt || attempt.state !== 'sent' || attempt.supplierRef) return done
  const restMs = context.config.fragment.callTimeoutMs * 1.1 - attempt.ageMs
  if (restMs > 0) return later(Math.min(restMs, 10_000), 'another worker may still wait for the answer')
  await unknown(context, order, attempt, 'the worker stopped between the call and its answer')
  return done
}

async function reasonToWait(context: SalesContext, order: Order): Promise<Verdict | undefined> {
  const { breaker } = context
  if (await context.standing.isAway()) return later(RETRY_MS, 'the reseller cannot be reached from here')
  if (breaker.isOpen())
    return later(Math.min(RETRY_MS, breaker.restMs() + LATER_MS), 'the reseller counts as down')
  if (breaker.isProbing()) {
    // Reading the wallet costs nothing. Its success does not close the breaker, because purchases may fail where
    // look-ups work.
    const answers = await context.wallet.read().catch(() => undefined)
    if (!answers) return later(RETRY_MS, 'the reseller is still down')
  }
  if (await cannotAfford(context.db, saleOf(order).cost)) {
    return later(OURS_MS, 'our wallet at the reseller is too small')
  }
  return undefined
}

interface Begun {
  attempt: Attempt
  /** Time since before the intent was written, including time in which the process was frozen. */
  elapsedMs: () => number
}

/**
 * Commits the intent. A lost commit is looked up by this run's own name, so that the order goes on in this run and
 * never in two.
 * @returns undefined when another worker was faster
 */
async function begin(context: SalesContext, order: Order, supplier: string): Promise<Begun | undefined> {
  if (supplier === 'fragment') await context.wallet.refresh()
  const number = ((await lastAttempt(context.db, order.id))?.number ?? 0) + 1
  const token = orderToken(context.secrets, order.id, number)
  const run = newId()
  const startedAt = performance.now()
  const elapsedMs = () => performance.now() - startedAt
  const write = () =>
    context.db.tx(async (tx) => {
      const moved = await moveOrder(tx, order.id, 'fulfilling', {
        actor: WORKER,
        reason: `attempt ${number}`,
        set: { stage: 'sending', reason: null },
      })
      if (!moved) return undefined
      const attempt = await openAttempt(tx, { orderId: order.id, number, supplier, token, run })
      await owe(
        tx,
        checkOrder,
        { orderId: order.id, round: number },
        { delayMs: context.config.fragment.pollMs },
      )
      return attempt
    })
  try {
    const attempt = await write()
    return attempt && { attempt, elapsedMs }
  } catch (error) {
    if (violatedConstraint(error)?.startsWith('attempts_')) {
      await toReview(context, order, 'an earlier attempt may have been executed', {})
      return undefined
    }
    // Whether the commit arrived is not known (F31); without this attempt's row nothing has begun.
    if (!databaseIsDown(error)) throw error
    const attempt = await retryDatabase(() => lastAttempt(context.db, order.id))
    if (attempt?.details.run !== run || attempt.state !== 'sent') throw error
    return { attempt, elapsedMs }
  }
}

function purchaseOf(context: SalesContext, order: Order, attempt: Attempt): Purchase {
  const { goods, recipients } = saleOf(order)
  const [recipient] = recipients
  const address = addressBelow(context.config.fragment.callbackUrl, '/webhooks/fragment')
  return {
    goods,
    recipient: {
      username: recipient?.username ?? null,
      telegramId: recipient?.telegramId ? BigInt(recipient.telegramId) : null,
    },
    callbackUrl: address ? `${address}/${orderToken(context.secrets, order.id, attempt.number)}` : null,
  }
}

type Outcome =
  | { name: 'answered'; supply: Supply }
  | { name: 'login' | 'nothing'; afterMs: number; reason: string }
  | { name: 'refused'; code: string; reason: string }
  | { name: 'unknown'; reason: string }

/** Turns any answer or error into one of four results; everything not known to be harmless is an unknown outcome. */
async function call(context: SalesContext, supplier: Supplier, purchase: Purchase): Promise<Outcome> {
  try {
    const work = () => supplier.deliver(purchase)
    // The breaker counts only the reseller's failures, not Telegram's.
    const supply = supplier.name === 'fragment' ? await context.breaker.run(work) : await work()
    return { name: 'answered', supply }
  } catch (error) {
    const reason = explain(error)
    if (error instanceof LoginFailed) return { name: 'login', afterMs: error.retryAfterMs ?? OURS_MS, reason }
    if (error instanceof Transient)
      return { name: 'nothing', afterMs: error.retryAfterMs ?? RETRY_MS, reason }
    if (error instanceof Rejected) return { name: 'refused', code: error.code, reason }
    return { name: 'unknown', reason }
  }
}

/** Refusals that concern our account and not this order: the order waits. */
const OURS: Record<string, 'wallet' | 'kyc' | 'stars'> = {
  [NOT_ENOUGH_FUNDS]: 'wallet',
  'fragment.kyc': 'kyc',
  // This refusal is not the reseller's: Stars and other bots' Premium are still sold.
  'gift.stars-empty': 'stars',
}

async function record(
  context: SalesContext,
  order: Order,
  attempt: Attempt,
  outcome: Outcome,
): Promise<Verdict> {
  // The answer exists only in this process, so the worker waits if the database is away for a moment.
  const keep = (write: () => Promise<unknown>) => retryDatabase(write)
  switch (outcome.name) {
    case 'login':
    case 'nothing': {
      await keep(() => notExecuted(context, order, attempt, outcome.reason, 'fragment-wait-supplier'))
      if (outcome.name === 'login') await stopAndTell(context, 'login', outcome.reason)
      return later(outcome.afterMs, outcome.reason)
    }
    case 'refused': {
      const ours = OURS[outcome.code]
      if (ours === undefined) {
        const text = textOf(outcome.code)
        await keep(() => context.db.tx((tx) => failed(tx, order.id, attempt, text, { actor: WORKER })))
        return done
      }
      await keep(() => notExecuted(context, order, attempt, outcome.reason, 'fragment-wait-supplier'))
      if (ours === 'stars') await tellStarsEmpty(context, order.bot)
      else await stopAndTell(context, ours, outcome.reason)
      return later(OURS_MS, outcome.reason)
    }
    case 'unknown':
      await keep(() => unknown(context, order, attempt, outcome.reason))
      return done
    case 'answered': {
      const { supply } = outcome
      await keep(() => settleOnce(context, order, attempt, supply))
      // Only a purchase shows that the reseller has accepted our documents; the order that it refused for them is tried
      // again.
      if (attempt.number > 1) await resumeAndTell(context, 'kyc')
      return done
    }
  }
}

/**
 * Two gifts of the same kind to the same person in one second have one id for both, as far as the list tells: the one
 * that is written down second keeps none.
 */
async function settleOnce(context: SalesContext, order: Order, attempt: Attempt, supply: Supply) {
  try {
    await settlePurchase(context, order, attempt, supply, WORKER)
  } catch (error) {
    const isTaken = violatedConstraint(error) === 'attempts_supplier_ref_once'
    if (!isTaken || attempt.supplier !== 'star-gifts') throw error
    await settlePurchase(context, order, attempt, { ...supply, id: null }, WORKER)
  }
}

/** Applies what the supplier says about a purchase to the order. */
export async function settlePurchase(
  context: SalesContext,
  order: Order,
  attempt: Attempt,
  supply: Supply,
  actor: string,
): Promise<void> {
  const { db, bots } = context
  if (isDecided(attempt, 'done')) await db.tx((tx) => contradicted(tx, bots, attempt, supply, actor))
  else if (supply.state === 'delivered') await db.tx((tx) => delivered(tx, bots, attempt, supply, { actor }))
  else if (supply.state === 'failed') {
    const text = 'fragment-supplier-failed'
    const reason = supply.error === null ? text : `${text}: ${supply.error}`
    await db.tx((tx) => failed(tx, order.id, attempt, text, { actor, reason }, supply.id))
  } else await accepted(context, order, attempt, supply)
}

/** `fragment.recipient-unknown` -> the text `fragment-recipient-unknown`. */
const textOf = (code: string) => code.replaceAll('.', '-')

function retryDatabase<T>(work: () => Promise<T>): Promise<T> {
  return pRetry(work, {
    retries: 30,
    minTimeout: 200,
    maxTimeout: 3_000,
    shouldRetry: ({ error }) => databaseIsDown(error),
  })
}
