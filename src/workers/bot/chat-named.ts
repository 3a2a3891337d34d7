import { chatTyped } from '#shared/telegram/chat-typed.ts'
import { typedText } from './chat.ts'
import type { Chat } from './chat.ts'

/**
 * Reads a chat from a forwarded post, a link to any message, `@name`, or a number.
 * @throws UserError `access.chat`
 */
export function chatNamed(chat: Chat): string {
  const origin = chat.ctx.message?.forward_origin
  return origin?.type === 'channel' ? String(origin.chat.id) : chatTyped(typedText(chat))
}
