import type { Context } from '#shared/context.ts'
import { handle } from '#shared/queue/executor.ts'
import type { Handler } from '#shared/queue/executor.ts'
import { done } from '#shared/queue/job.ts'
import { telegramChat } from '#shared/queue/jobs/telegram.ts'
import { refreshOrderCard } from '#workers/bot/order-card.ts'
import { mindDoor, refreshItemCard } from '../jobs.ts'
import { hearOfChat, mindDoorOf } from './doors.ts'
import { purchaseScreen } from './purchase-screen.ts'

/** What the bot worker does for purchases beside the conversation. */
export function itemCards(app: Context): Handler[] {
  return [
    handle(refreshItemCard, ({ orderId }) =>
      refreshOrderCard(app, orderId, (reader, order) =>
        purchaseScreen({ app, personId: order.personId, ...reader }, order),
      ),
    ),
    handle(mindDoor, ({ orderId }) => mindDoorOf(app, orderId)),
    handle(telegramChat, async (news, run) => {
      if (run.sealed) return await hearOfChat(app, news)
      run.log.warn({ bot: news.bot }, 'news of a chat without our seal are not believed')
      return done
    }),
  ]
}
