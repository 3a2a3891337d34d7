import { InputFile } from 'grammy'
import type { Message } from 'grammy/types'
import { Rejected } from '#shared/errors.ts'
import { caption, finalButtons, cardReader } from '../cards.ts'
import { fileIds, type Picture, keepFileId, readPicture } from '../pictures.ts'
import { done, later, type Verdict } from '#shared/queue/job.ts'
import type { ResendPicture } from '../jobs.ts'
import { telegramError, TokenRevoked, Unreachable } from '#shared/telegram/errors.ts'
import { fetchPicture } from './deliver.ts'
import { dropPicture } from './kept.ts'
import type { Parts } from './parts.ts'
import { readTelegramFile } from './photos.ts'
import { pictureType } from '#shared/picture-type.ts'
import { prepare } from './picture.ts'
import { fileIdOf } from './send.ts'

const REVOKED_MS = 60_000

/**
 * Sends a finished picture once more: by its file id where this bot has one, else from the provider's original, else
 * from what Telegram keeps for the bot that delivered it. A file id of another bot is never used.
 */
export async function sendPictureAgain(parts: Parts, job: ResendPicture): Promise<Verdict> {
  const { app } = parts
  const picture = await readPicture(app.db, job.orderId)
  const bot = app.bots.get(job.bot)
  if (!picture || !bot || (picture.stage !== 'done' && picture.stage !== 'late')) return done
  const reader = await cardReader(parts, { ...picture, bot: job.bot })
  const known = (await fileIds(app.db, job.orderId)).find(
    ({ bot, kind }) => bot === job.bot && kind === job.as,
  )
  const chatId = Number(job.chatId)
  const options = {
    caption: caption(parts, reader, picture),
    parse_mode: 'HTML' as const,
    ...(job.as === 'photo'
      ? { reply_markup: { inline_keyboard: finalButtons(parts, reader, picture) } }
      : {}),
  }
  try {
    const file = known?.fileId ?? (await readOriginal(parts, picture, job.as))
    const message: Message =
      job.as === 'photo'
        ? await bot.api.sendPhoto(chatId, file, options)
        : await bot.api.sendDocument(chatId, file, options)
    const fileId = fileIdOf(message)
    if (fileId) await keepFileId(app.db, job.orderId, { bot: job.bot, kind: job.as, fileId })
  } catch (error) {
    const meaning = telegramError(error)
    if (meaning instanceof Unreachable) return done
    if (meaning instanceof TokenRevoked) return later(REVOKED_MS, meaning.message)
    if (!(meaning instanceof Rejected)) throw meaning
    await bot.api.sendMessage(chatId, reader.t('image-file-gone'))
  } finally {
    await dropPicture(app.config.dataDir, job.orderId)
  }
  return done
}

async function readOriginal(parts: Parts, picture: Picture, as: ResendPicture['as']): Promise<InputFile> {
  const bytes = await fetchPicture(parts, picture).catch(async (error: unknown) => {
    if (!(error instanceof Rejected)) throw error
    return await readDelivered(parts, picture)
  })
  const type = pictureType(bytes)?.slice('image/'.length).replace('jpeg', 'jpg') ?? 'bin'
  const sent = as === 'photo' ? (await prepare(bytes)).bytes : bytes
  return new InputFile(sent, `picture-${picture.orderId.slice(0, 6)}.${type}`)
}

/** The provider has deleted the original. The file that Telegram keeps is smaller, but still the picture. */
async function readDelivered({ app }: Parts, { orderId }: Picture): Promise<Buffer> {
  for (const { bot, fileId } of await fileIds(app.db, orderId)) {
    const served = app.bots.get(bot)
    if (served) return await readTelegramFile(app, served, fileId)
  }
  throw new Rejected('download.gone', 'nobody keeps this picture any more')
}
