import type { Order } from '#shared/money/tables.ts'
import { UserError, errorKey } from '#shared/errors.ts'
import { failed } from '../endings.ts'
import { saleOf } from '../orders.ts'
import { lookUpRecipients, sameRecipients } from '../recipients.ts'
import { readOrder } from '#shared/money/orders.ts'
import { done, later } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { type SalesContext, WORKER } from './context.ts'
import { showWaiting } from './progress.ts'

/** How long the recipients' look-up at payment is trusted: in fifteen minutes a name can change hands. */
const HOLDS_MS = 15 * 60_000
const RETRY_MS = 15_000

/**
 * Looks the recipients up again before an older order is sent, because a gift to a stranger never comes back.
 * @returns what to do instead of buying, if anything
 */
export async function lookAgain(context: SalesContext, order: Order): Promise<Verdict | undefined> {
  const { way, recipients } = saleOf(order)
  if (way !== 'fragment' || Date.now() - order.createdAt.getTime() < HOLDS_MS) return undefined
  try {
    const names = recipients.map(({ username }) => username ?? '')
    sameRecipients(recipients, await lookUpRecipients(context.client, names))
    return undefined
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    if (error.code === 'recipient.check') {
      await showWaiting(context, order, 'fragment-wait-supplier')
      return later(RETRY_MS, 'the recipient cannot be looked up')
    }
    await context.db.tx(async (tx) => {
      const current = await readOrder(tx, order.id, true)
      if (current?.state !== 'reserved') return
      await failed(tx, order.id, undefined, errorKey(error.code), { actor: WORKER })
    })
    return done
  }
}
