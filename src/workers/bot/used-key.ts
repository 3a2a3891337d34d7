import type { Chat } from './chat.ts'
import { chatId } from './screen.ts'

/**
 * Shows a key that does nothing any more as disabled (Bot API 10.3), so that nobody presses it again. Not in the message
 * that navigation edits: there another press may have drawn a new screen, whose keys the old ones would replace. An older
 * client shows the key as before, and its press is answered as before.
 */
export async function disableKey(chat: Chat, data: string): Promise<void> {
  const { message } = chat.ctx.callbackQuery ?? {}
  if (!message || message.message_id === chat.session.anchor) return
  const keyboard = message.reply_markup?.inline_keyboard ?? []
  const isUsed = (key: object) => 'callback_data' in key && key.callback_data === data
  if (!keyboard.flat().some(isUsed)) return
  const rows = keyboard.map((row) => row.map((key) => (isUsed(key) ? { text: key.text, disabled: {} } : key)))
  await chat.ctx.api
    .editMessageReplyMarkup(chatId(chat), message.message_id, { reply_markup: { inline_keyboard: rows } })
    .catch((error: unknown) => chat.log.info({ err: error }, 'a used key could not be shown as disabled'))
}
