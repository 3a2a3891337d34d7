import type { Context } from '../context.ts'
import { Transient, UserError } from '../errors.ts'
import { calling } from '../trace/trace.ts'
import type { ServedBot } from './bots.ts'
import { telegramError } from './errors.ts'

/** A bot may download files of up to 20 MB (Bot API, getFile). */
export const MOST_BYTES = 20 * 1024 * 1024
const DOWNLOAD_MS = 60_000

/**
 * The bytes of a file that somebody sent to the bot, as a stream.
 * @throws UserError `file.too-big` when Telegram refuses the file for its size, Transient when the file could not be
 * read
 */
export async function openFile(
  { config }: Pick<Context, 'config'>,
  bot: ServedBot,
  { fileId, size = 0 }: { fileId: string; size?: number | undefined },
): Promise<AsyncIterable<Uint8Array>> {
  const tooBig = new UserError('file.too-big', { most: MOST_BYTES / 1024 / 1024 })
  if (size > MOST_BYTES) throw tooBig
  const file = await bot.api.getFile(fileId).catch((error: unknown) => {
    // Telegram does not always tell the size beforehand.
    if (/file is too big/i.test(String(error))) throw tooBig
    throw telegramError(error)
  })
  const url = `${config.telegram.apiRoot}/file/bot${bot.token}/${file.file_path ?? ''}`
  const response = await calling(
    'telegram file',
    () => ({ 'telekassa.bot': bot.name }),
    () => fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_MS) }),
  )
  if (!response.ok || !response.body) throw new Transient(`the file cannot be read (${response.status})`)
  return response.body
}
