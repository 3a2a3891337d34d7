import { isKept, keepScreen } from '#shared/telegram/over-card.ts'
import type { Drawn } from '#shared/telegram/over-card.ts'
import type { Chat, Session } from './chat.ts'

/**
 * Called before a screen is shown in the pressed message, which may be a card: see over-card.ts. In the message that
 * navigation edits all the time nothing is written.
 */
export async function goOn(chat: Chat, messageId: number, drawn: Drawn): Promise<void> {
  const { app, bot, personId, session } = chat
  const { over, anchor } = session
  const isNew = anchor !== messageId
  if (!isNew && !(over?.in === messageId && isKept(over))) return
  const place = { bot: bot.name, personId, messageId }
  session.over = await keepScreen(app, place, { since: isNew ? Date.now() : over!.since, drawn })
}

/** A kept screen goes with its time, or with its message. */
export function forgetScreen(session: Session): void {
  const { over, anchor } = session
  if (over && !(over.in === anchor && isKept(over))) delete session.over
}
