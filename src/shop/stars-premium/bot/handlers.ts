import type { Context } from '#shared/context.ts'
import { handle } from '#shared/queue/executor.ts'
import type { Handler } from '#shared/queue/executor.ts'
import { refreshOrderCard } from '#workers/bot/order-card.ts'
import { refreshCard } from '../jobs.ts'
import { orderScreen } from './order-card.ts'

/** What the bot worker does for orders beside the conversation. */
export function orderCards(app: Context): Handler[] {
  return [
    handle(refreshCard, ({ orderId }) =>
      refreshOrderCard(app, orderId, (reader, order) =>
        orderScreen({ app, personId: order.personId, ...reader }, order),
      ),
    ),
  ]
}
