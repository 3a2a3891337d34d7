import type { Context } from '#shared/context.ts'
import { Rejected } from '#shared/errors.ts'
import { sendCall } from '#shared/http.ts'
import type { Picture } from '../pictures.ts'
import type { PictureBytes } from '../providers/port.ts'
import { TELEGRAM_FILE_BYTES } from '../sources.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { telegramError } from '#shared/telegram/errors.ts'
import { prepareSource } from './picture.ts'

/** Reads a file from Telegram. The file's address holds the bot's token, so nobody is ever shown it. */
export async function readTelegramFile(app: Context, bot: ServedBot, fileId: string): Promise<Buffer> {
  const file = await bot.api.getFile(fileId).catch((error: unknown) => {
    throw telegramError(error)
  })
  const reply = await sendCall({
    name: 'telegram file',
    method: 'GET',
    url: `${app.config.telegram.apiRoot}/file/bot${bot.token}/${file.file_path ?? ''}`,
    changes: false,
    maxReplyBytes: TELEGRAM_FILE_BYTES,
    timeoutMs: 60_000,
  })
  return reply.bytes
}

/** The photos that a person gave as input. @throws Rejected when one of them is no picture or is gone */
export async function readPhotos(app: Context, { photos, bot }: Picture): Promise<PictureBytes[]> {
  const served = app.bots.get(bot)
  if (photos.length > 0 && !served) throw new Rejected('picture.bot', `the bot ${bot} is not served here`)
  const pictures: PictureBytes[] = []
  for (const fileId of photos) {
    pictures.push(await prepareSource(await readTelegramFile(app, served!, fileId)))
  }
  return pictures
}
