import { tellChange } from '#shared/changes.ts'
import type { Context } from '#shared/context.ts'
import { Transient } from '#shared/errors.ts'
import { readOrder } from '#shared/money/orders.ts'
import { handle } from '#shared/queue/executor.ts'
import type { Handler } from '#shared/queue/executor.ts'
import { done, later } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { readerOf } from '#shared/reader.ts'
import { TokenRevoked, cannotBeEdited, isNotModified, telegramError } from '#shared/telegram/errors.ts'
import { ITEM } from '../good.ts'
import { refreshItemCard } from '../jobs.ts'
import { purchaseScreen } from './purchase-screen.ts'

/** What the bot worker does for purchases beside the conversation. */
export function itemCards(app: Context): Handler[] {
  return [handle(refreshItemCard, ({ orderId }) => refreshCardOf(app, orderId))]
}

/** Redraws the card of a purchase as it is now, so a late job shows nothing old. */
async function refreshCardOf(app: Context, orderId: string): Promise<Verdict> {
  const order = await readOrder(app.db, orderId)
  if (order) await tellChange(app.db, order.personId)
  const bot = order && app.bots.get(order.bot)
  if (!order?.card || !bot || order.good !== ITEM.kind) return done
  const reader = await readerOf(app, order.bot, order.personId)
  const { text, keyboard = [] } = await purchaseScreen({ app, personId: order.personId, ...reader }, order)
  try {
    await bot.api.editMessageText(order.card.chatId, order.card.messageId, text, {
      parse_mode: 'HTML',
      link_preview_options: { is_disabled: true },
      reply_markup: { inline_keyboard: keyboard },
    })
  } catch (error) {
    // A card that is gone is no loss: ends are told by messages of their own.
    if (isNotModified(error) || cannotBeEdited(error)) return done
    const meaning = telegramError(error)
    if (meaning instanceof TokenRevoked) return later(60_000, meaning.message)
    if (meaning instanceof Transient) throw meaning
  }
  return done
}
