import { isKept, keepScreen } from '#shared/telegram/over-card.ts'
import type { Drawn } from '#shared/telegram/over-card.ts'
import type { Chat } from './chat.ts'

/**
 * Called before a screen is shown in the pressed message, which may be a card: see over-card.ts. In the message that
 * navigation edits all the time nothing is written.
 */
export async function goOn(chat: Chat, messageId: number, drawn: Drawn): Promise<void> {
  const { app, bot, personId, session, arrivedAt } = chat
  const { over, anchor } = session
  const isNew = anchor !== messageId
  if (!isNew && !(over?.in === messageId && isKept(over, arrivedAt))) return
  const place = { bot: bot.name, personId, messageId }
  const kept = await keepScreen(app, place, { since: isNew ? undefined : over!.since, drawn })
  if (kept) session.over = kept
}

/** A kept screen goes with its time, or with its message. */
export function forgetScreen({ session, arrivedAt }: Pick<Chat, 'session' | 'arrivedAt'>): void {
  const { over, anchor } = session
  if (over && !(over.in === anchor && isKept(over, arrivedAt))) delete session.over
}
