import type { Context } from '#shared/context.ts'
import { Rejected } from '#shared/errors.ts'
import { sendCall } from '#shared/http.ts'
import type { Generation } from '../generations.ts'
import type { PictureBytes } from '../providers/port.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { telegramError } from '#shared/telegram/errors.ts'
import { sniff } from './picture.ts'

/** The Bot API hands out files of at most 20 MB. */
const MAX_BYTES = 20 * 1024 * 1024

/** A file of Telegram's; its address holds the bot's token, so it is never shown to anybody. */
export async function readTelegramFile(app: Context, bot: ServedBot, fileId: string): Promise<Buffer> {
  const file = await bot.api.getFile(fileId).catch((error: unknown) => {
    throw telegramError(error)
  })
  const reply = await sendCall({
    name: 'telegram file',
    method: 'GET',
    url: `${app.config.telegram.apiRoot}/file/bot${bot.token}/${file.file_path ?? ''}`,
    changes: false,
    maxReplyBytes: MAX_BYTES,
    timeoutMs: 60_000,
  })
  return reply.bytes
}

/** The photos that a person gave as input. @throws Rejected when one of them is no picture or is gone */
export async function readPhotos(app: Context, { photos, bot }: Generation): Promise<PictureBytes[]> {
  const served = app.bots.get(bot)
  if (photos.length > 0 && !served) throw new Rejected('picture.bot', `the bot ${bot} is not served here`)
  const pictures: PictureBytes[] = []
  for (const fileId of photos) {
    const bytes = await readTelegramFile(app, served!, fileId)
    const type = sniff(bytes)
    if (!type) throw new Rejected('picture.type', 'the photo is neither PNG nor JPEG nor WebP')
    pictures.push({ bytes, type })
  }
  return pictures
}
