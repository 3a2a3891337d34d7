import type { KeyboardButton } from 'grammy/types'
import type { Chat } from './chat.ts'
import { chatId } from './screen.ts'

/** Puts keys in place of the phone's keyboard, below a message of their own; inline keys cannot be in the same one. */
export async function showReplyKeys(chat: Chat, text: string, keys: KeyboardButton[][]): Promise<void> {
  const { message_id } = await chat.ctx.api.sendMessage(chatId(chat), text, {
    reply_markup: { keyboard: keys, resize_keyboard: true },
  })
  chat.session.replyKeys = message_id
}

/** Takes the keys away, if there are any: they stay until a message removes them. */
export async function hideReplyKeys(chat: Chat, text: string): Promise<void> {
  const shown = chat.session.replyKeys
  if (shown === undefined) return
  await chat.ctx.api.sendMessage(chatId(chat), text, { reply_markup: { remove_keyboard: true } })
  chat.session.replyKeys = undefined
  await chat.ctx.api.deleteMessage(chatId(chat), shown).catch(() => {})
}
