import { violatedConstraint } from '#shared/db/errors.ts'
import { countOf } from '../good.ts'
import type { Order } from '#shared/money/tables.ts'
import { attemptByNumber, settleAttempt } from '#shared/money/attempts.ts'
import { saleOf } from '../orders.ts'
import { readOrder } from '#shared/money/orders.ts'
import type { Supply } from '../supplier.ts'
import type { Run } from '#shared/queue/executor.ts'
import { done, later, reject } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { shorten, storable } from '#shared/storable.ts'
import type { ResellerCallback } from '../jobs.ts'
import { askSupplier, pause } from './asking.ts'
import { PATIENCE_MS } from './check.ts'
import type { SalesContext } from './context.ts'
import { settlePurchase } from './fulfil.ts'
import { isDecided } from './progress.ts'

/**
 * Handles a callback. Our token in its address names the order; its content is only a reason to look the purchase up.
 */
export async function callback(context: SalesContext, job: ResellerCallback, run: Run): Promise<Verdict> {
  const order = await readOrder(context.db, job.orderId)
  const attempt = order && (await attemptByNumber(context.db, order.id, job.attempt))
  if (!order || !attempt) return reject(`no attempt ${job.attempt} of an order ${job.orderId}`)
  if (attempt.state === 'done' && !isDecided(attempt, 'done')) return done

  const id = attempt.supplierRef ?? readId(job.body)
  if (!id) {
    run.log.warn({ order: order.id }, 'a callback names no id of the supplier, so nothing can be looked up')
    await settleAttempt(context.db, attempt.id, {
      from: [attempt.state],
      to: attempt.state,
      set: { callback: storable(shorten(job.body, 500)) },
    })
    return done
  }
  const supplier = await context.supplier(saleOf(order).way, order.bot)
  const again = (reason: string) =>
    attempt.ageMs > PATIENCE_MS
      ? reject(reason)
      : later(pause(context.config.fragment.pollMs, attempt.ageMs), reason)
  // The id in the callback may be the only one that there is, so the job waits for a supplier that is away.
  const supply = await askSupplier(() => supplier.lookup(id))
  if (!supply) return again('the supplier does not tell of the id of its own callback yet')
  if (!isAbout(order, supply)) return reject(`the callback's order ${id} is for somebody or something else`)
  try {
    await settlePurchase(context, order, attempt, supply, 'supplier:callback')
  } catch (error) {
    if (violatedConstraint(error) !== 'attempts_supplier_ref_once') throw error
    return reject(`the callback's order ${id} settles another order of ours`)
  }
  const isFinal = supply.state === 'delivered' || supply.state === 'failed'
  return isFinal ? done : again('the supplier is not finished')
}

function readId(body: string): string | undefined {
  try {
    const { id } = JSON.parse(body) as { id?: unknown }
    const text = typeof id === 'number' ? String(id) : id
    return typeof text === 'string' && /^[\w-]{1,64}$/.test(text) ? text : undefined
  } catch {
    return undefined
  }
}

/** Whether the purchase is for what we ordered, as far as the supplier tells. */
function isAbout(order: Order, supply: Supply): boolean {
  const { goods, recipients } = saleOf(order)
  const count = countOf(goods)
  const receiver = recipients[0]?.username?.toLowerCase()
  return (
    (supply.kind === null || supply.kind === goods.kind) &&
    (supply.quantity === null || supply.quantity === count) &&
    (supply.receiver === null || supply.receiver.replace(/^@/, '').toLowerCase() === receiver)
  )
}
