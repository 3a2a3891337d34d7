import type { Update } from 'grammy/types'

/**
 * The chat whose order an update keeps: the chat where it happened, or else the private chat of the person who acted.
 */
export function chatOfUpdate(update: Update): string {
  for (const content of Object.values(update)) {
    if (typeof content !== 'object' || content === null) continue
    const { message, chat, from, user } = content as Record<string, { id?: number; chat?: { id?: number } }>
    const id = message?.chat?.id ?? chat?.id ?? from?.id ?? user?.id
    if (id !== undefined) return String(id)
  }
  return 'none'
}
