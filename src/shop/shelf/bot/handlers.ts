import type { Context } from '#shared/context.ts'
import { handle } from '#shared/queue/executor.ts'
import type { Handler } from '#shared/queue/executor.ts'
import { refreshOrderCard } from '#workers/bot/order-card.ts'
import { refreshItemCard } from '../jobs.ts'
import { purchaseScreen } from './purchase-screen.ts'

/** What the bot worker does for purchases beside the conversation. */
export function itemCards(app: Context): Handler[] {
  return [
    handle(refreshItemCard, ({ orderId }) =>
      refreshOrderCard(app, orderId, (reader, order) =>
        purchaseScreen({ app, personId: order.personId, ...reader }, order),
      ),
    ),
  ]
}
