import { InputFile } from 'grammy'
import type { InlineKeyboardButton, Message } from 'grammy/types'
import type { Picture } from '../pictures.ts'
import { Rejected } from '#shared/errors.ts'
import { telegramError } from '#shared/telegram/errors.ts'
import type { Parts } from './parts.ts'
import type { Ready } from './picture.ts'

/** Where the picture is now. `fileId` is missing when Telegram only said that the message is the picture already. */
export interface SentPicture {
  kind: 'photo' | 'document'
  fileId: string | undefined
}

interface Around {
  caption: string
  keyboard: InlineKeyboardButton[][]
}

const EXTENSIONS = { 'image/png': 'png', 'image/jpeg': 'jpg', 'image/webp': 'webp' }

/**
 * Turns the progress message into the picture. Where that message is gone, sends a new one. A picture that Telegram
 * refuses as a photo is sent as a file.
 * @throws what grammY throws
 */
export async function sendPicture(
  parts: Parts,
  picture: Picture,
  ready: Ready,
  around: Around,
): Promise<SentPicture | { retryAfterMs: number }> {
  try {
    return await sendAs('photo', parts, picture, ready, around)
  } catch (error) {
    const meaning = telegramError(error)
    if (!(meaning instanceof Rejected) || meaning.code !== 'telegram.refused') throw error
    parts.app.log.warn(
      { order: picture.orderId, reason: meaning.message },
      'Telegram refused the picture as a photo, it is sent as a file',
    )
    return await sendAs('document', parts, picture, ready, around)
  }
}

async function sendAs(
  kind: SentPicture['kind'],
  { app, editor }: Parts,
  picture: Picture,
  ready: Ready,
  { caption, keyboard }: Around,
): Promise<SentPicture | { retryAfterMs: number }> {
  const { card } = picture
  const bot = app.bots.get(picture.bot)
  if (!bot) throw new Error(`the bot ${picture.bot} is not served here`)
  const file = () => new InputFile(ready.bytes, `picture.${EXTENSIONS[ready.type]}`)
  const reply_markup = { inline_keyboard: keyboard }
  let message: Message | true | undefined
  if (card) {
    const place = { botId: picture.bot, chatId: BigInt(card.chatId), messageId: card.messageId }
    const outcome = await editor.finish(place, async () => {
      const media = { type: kind, media: file(), caption, parse_mode: 'HTML' as const }
      message = await bot.api.editMessageMedia(card.chatId, card.messageId, media, { reply_markup })
    })
    if (outcome.is === 'later') return { retryAfterMs: outcome.retryAfterMs }
    if (outcome.is === 'shown') return { kind, fileId: fileIdOf(message) }
  }
  const options = { caption, parse_mode: 'HTML' as const, reply_markup }
  const chatId = card?.chatId ?? Number(picture.personId)
  message =
    kind === 'photo'
      ? await bot.api.sendPhoto(chatId, file(), options)
      : await bot.api.sendDocument(chatId, file(), options)
  return { kind, fileId: fileIdOf(message) }
}

export function fileIdOf(message: Message | true | undefined): string | undefined {
  if (!message || message === true) return undefined
  return message.photo?.at(-1)?.file_id ?? message.document?.file_id
}
