import { mailingsSql } from './tables.ts'
import { calling } from '#shared/trace/trace.ts'
import { sql as q } from 'kysely'
import { InputFile } from 'grammy'
import type { Api } from 'grammy'
import type { InputMedia, Message, MessageEntity } from 'grammy/types'
import type { Context } from '#shared/context.ts'
import { Rejected, Transient } from '#shared/errors.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import type { Mailing } from './mailings.ts'
import { mediaOf } from './content.ts'
import type { Content, MediaKind, MediaPart, CopiedFrom } from './content.ts'
import { writeJson } from '#shared/storable.ts'

type App = Pick<Context, 'db' | 'bots' | 'config' | 'log'>

/** A bot downloads files of up to 20 MB (Bot API, getFile). */
const DOWNLOAD_MS = 60_000

/**
 * Other bots cannot copy from the home bot's chat, and its file ids mean nothing to them: each gets the message once,
 * in its own chat with the admin, and copies from there. Files are uploaded once per bot and remembered.
 * @throws Rejected when the message cannot be made anew, Unreachable when the admin has no chat with one of the bots
 */
export async function adoptContents(app: App, mailing: Mailing): Promise<void> {
  const bots = mailing.audience.bots ?? []
  for (const [language, content] of Object.entries(mailing.contents)) {
    // An edit writes new words into the messages themselves, so there is nothing to copy.
    if (mailing.action === 'edit' && content.media.length === 0) continue
    for (const name of bots) {
      const bot = app.bots.get(name)
      if (!bot || content.sources[name]) continue
      const home = app.bots.get(mailing.bot)!
      const source = await recreate(app, home, bot, content, Number(mailing.createdBy))
      content.sources[name] = source
      const place = [language, 'sources', name]
      await app.db.rows(
        mailingsSql
          .updateTable('broadcasts')
          .set({ contents: q`jsonb_set(contents, ${place}::text[], ${writeJson(source)}::jsonb)` })
          .where('id', '=', mailing.id),
      )
    }
  }
}

async function recreate(
  app: App,
  home: ServedBot,
  bot: ServedBot,
  { text, entities, media }: Content,
  admin: number,
): Promise<CopiedFrom> {
  if (text !== undefined) {
    const sent = await bot.notices.sendMessage(admin, text, { entities })
    return { chatId: admin, messageIds: [sent.message_id] }
  }
  if (media.length === 0) {
    throw new Rejected('broadcast.kind', 'a message of this kind can be mailed by its own bot only')
  }
  const files = await Promise.all(media.map((part) => fileFor(app, home, bot, part)))
  const sent = await sendMedia(bot.notices, admin, media, files)
  const fileIds = sent.map((message) => mediaOf(message)!.fileId)
  for (const [index, part] of media.entries()) await remember(app, bot, part, fileIds[index]!)
  return { chatId: admin, messageIds: sent.map(({ message_id }) => message_id), fileIds }
}

async function fileFor(
  app: App,
  home: ServedBot,
  bot: ServedBot,
  part: MediaPart,
): Promise<InputFile | string> {
  const [known] = await app.db.rows(
    mailingsSql
      .selectFrom('bot_files')
      .select('file_id as fileId')
      .where('bot', '=', bot.name)
      .where('key', '=', `media-${part.uniqueId}`),
  )
  if (known) return known.fileId
  const file = await home.notices.getFile(part.fileId)
  const url = `${app.config.telegram.apiRoot}/file/bot${home.token}/${file.file_path}`
  const response = await calling(
    'telegram file',
    () => ({ 'telekassa.bot': home.name }),
    () => fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_MS) }),
  )
  if (!response.ok) throw new Transient(`the file cannot be read (${response.status})`)
  return new InputFile(new Uint8Array(await response.arrayBuffer()), part.fileName ?? `${part.kind}`)
}

interface Words {
  caption?: string
  caption_entities?: MessageEntity[]
}
type Send = (api: Api, admin: number, file: InputFile | string, words: Words) => Promise<Message>

const sendOne: Record<MediaKind, Send> = {
  photo: (api, ...what) => api.sendPhoto(...what),
  video: (api, ...what) => api.sendVideo(...what),
  animation: (api, ...what) => api.sendAnimation(...what),
  document: (api, ...what) => api.sendDocument(...what),
  audio: (api, ...what) => api.sendAudio(...what),
  voice: (api, ...what) => api.sendVoice(...what),
  sticker: (api, admin, file) => api.sendSticker(admin, file),
  video_note: (api, admin, file) => api.sendVideoNote(admin, file),
}

/** One message or an album. */
async function sendMedia(
  api: Api,
  admin: number,
  media: MediaPart[],
  files: (InputFile | string)[],
): Promise<Message[]> {
  const words = media.map(({ caption, captionEntities }) => ({ caption, caption_entities: captionEntities }))
  if (media.length === 1) return [await sendOne[media[0]!.kind](api, admin, files[0]!, words[0]!)]
  const group = media.map(({ kind }, at) => ({ type: kind, media: files[at]!, ...words[at] }) as InputMedia)
  return await api.sendMediaGroup(admin, group as Parameters<Api['sendMediaGroup']>[1])
}

async function remember(app: App, bot: ServedBot, part: MediaPart, fileId: string): Promise<void> {
  await app.db.rows(
    mailingsSql
      .insertInto('bot_files')
      .values({ bot: bot.name, key: `media-${part.uniqueId}`, file_id: fileId })
      .onConflict((there) => there.columns(['bot', 'key']).doUpdateSet({ file_id: fileId })),
  )
}
