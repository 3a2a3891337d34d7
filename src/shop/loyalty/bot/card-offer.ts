import type { InlineKeyboardButton } from 'grammy/types'
import { cardOffer } from '#shop/payments/card-offer.ts'
import { keptCard } from '#shop/payments/kept-cards.ts'
import type { Chat } from '#workers/bot/chat.ts'
import { button } from '#workers/bot/screen.ts'
import type { Subscription } from '../subscriptions/subscriptions.ts'

/** What the screen of plans says of a card. Who has none is offered one where a plan renews from the balance. */
export async function cardOnPlans(
  chat: Chat,
  running: readonly Subscription[],
): Promise<{ lines: string[]; keys: InlineKeyboardButton[][] }> {
  const card = await keptCard(chat.app.db, chat.personId)
  if (card) {
    const words = { digits: card.digits }
    return {
      lines: ['', chat.t('plan-card', words)],
      keys: [[button(chat, chat.t('plan-card-forget', words), 'plan-card-forget')]],
    }
  }
  const offer = await cardOffer(chat, running)
  return { lines: [], keys: offer ? [[button(chat, chat.t('plan-card-keep'), 'plan-card')]] : [] }
}
