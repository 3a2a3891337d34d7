import type { Context } from '#shared/context.ts'
import { UserError } from '#shared/errors.ts'
import { tokenInRoubles } from '#shared/money/exchange.ts'
import { readOrder } from '#shared/money/orders.ts'
import { done } from '#shared/queue/job.ts'
import { owe } from '#shared/queue/outbox.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { buyItem, stopWaitingForItem, wishOf } from '../buy.ts'
import { tellItemBuyer } from '../endings.ts'
import { itemOf } from '../good.ts'
import { refreshItemCard } from '../jobs.ts'
import type { ResumeItem } from '../jobs.ts'
import { shelfSecrets } from '../seal.ts'

const WORKER = 'worker:upkeep'

/**
 * Money came for an item that waits for it. If the item can no longer be bought, the order ends and the money stays on
 * the balance.
 */
export async function resumeAwaitedItem(
  { db, settings, secrets }: Pick<Context, 'db' | 'settings' | 'secrets'>,
  { orderId, paymentId }: ResumeItem,
): Promise<Verdict> {
  const order = await readOrder(db, orderId)
  if (order?.state !== 'awaiting_payment') return done
  const roubles = { agreed: BigInt(itemOf(order).agreed), rate: await tokenInRoubles(settings, order.bot) }
  const shelf = await shelfSecrets({ db, secrets })
  try {
    await db.tx(async (tx) => {
      const bought = await buyItem(tx, wishOf(order, { roubles, shelf, actor: WORKER }))
      if (bought.already) return
      const { state } = bought.order
      const isUnderWay = state !== 'delivered'
      // The message that asked for the money becomes the live card of a gift or of a service.
      if (isUnderWay) await owe(tx, refreshItemCard, { orderId, version: state })
      await tellItemBuyer(tx, order, 'bought', {
        text:
          itemOf(order).gift !== undefined
            ? 'shelf-gift-ready-notice'
            : isUnderWay
              ? 'shelf-ordered-notice'
              : 'shelf-bought-notice',
        buttons: [['shelf-key-see', 'item-order', orderId]],
        card: isUnderWay ? null : bought.order.card,
      })
    })
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    const { code } = error
    if (code !== 'balance.insufficient')
      await db.tx(async (tx) => {
        if (await stopWaitingForItem(tx, orderId, WORKER, code))
          await tellItemBuyer(tx, order, 'over', {
            text: 'shelf-over-notice',
            buttons: [['shelf-key-shelf', 'shelf']],
            card: (await readOrder(tx, orderId))!.card,
          })
      })
    // Only a part of the missing sum came. Money that names no order has a message of its own.
    else if (!paymentId.startsWith('balance-'))
      await tellItemBuyer(db, order, paymentId, {
        text: 'shelf-still-short',
        buttons: [['shelf-key-rest', 'item-rest', orderId]],
        asksFor: orderId,
      })
  }
  return done
}
