import { UserError } from '#shared/errors.ts'
import { owe } from '#shared/queue/outbox.ts'
import type { Chat } from '#workers/bot/chat.ts'
import { chatId } from '#workers/bot/screen.ts'
import { resendPicture } from '../jobs.ts'
import { type Picture, readPicture } from '../pictures.ts'

/** @throws UserError `image.gone` when the picture is another person's or does not exist */
export async function ownPicture(chat: Chat, orderId: string): Promise<Picture> {
  const picture = await readPicture(chat.app.db, orderId)
  if (picture?.personId !== chat.personId) throw new UserError('image.gone')
  return picture
}

/**
 * Owes the person their picture once more, one time for each press.
 * @throws UserError `image.gone`
 */
export async function oweAgain(chat: Chat, orderId: string, as: 'photo' | 'document'): Promise<void> {
  await ownPicture(chat, orderId)
  await owe(chat.app.db, resendPicture, {
    orderId,
    bot: chat.bot.name,
    chatId: String(chatId(chat)),
    as,
    press: String(chat.ctx.update.update_id),
  })
}
