import type { KeyboardButton } from 'grammy/types'
import type { Chat } from './chat.ts'
import { chatId } from './screen.ts'

/**
 * Replaces the phone's keyboard by keys, with a message of their own, because one message cannot have inline keys as
 * well.
 */
export async function showReplyKeys(chat: Chat, text: string, keys: KeyboardButton[][]): Promise<void> {
  const { message_id } = await chat.ctx.api.sendMessage(chatId(chat), text, {
    reply_markup: { keyboard: keys, resize_keyboard: true },
  })
  chat.session.replyKeys = message_id
}

/** Removes the keys, if there are any: they stay until a message removes them. */
export async function hideReplyKeys(chat: Chat, text: string): Promise<void> {
  const shown = chat.session.replyKeys
  if (shown === undefined) return
  await chat.ctx.api.sendMessage(chatId(chat), text, { reply_markup: { remove_keyboard: true } })
  chat.session.replyKeys = undefined
  await chat.ctx.api.deleteMessage(chatId(chat), shown).catch(() => {})
}
