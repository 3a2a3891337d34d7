import { calling } from '../trace/trace.ts'
import { sql as q } from 'kysely'
import { InputFile } from 'grammy'
import type { InputMedia } from 'grammy/types'
import type { Context } from '../context.ts'
import { Rejected, Transient } from '../errors.ts'
import type { ServedBot } from '../telegram/bots.ts'
import type { Broadcast } from './broadcasts.ts'
import type { Content, MediaPart, Source } from './content.ts'

type App = Pick<Context, 'db' | 'bots' | 'config' | 'log'>

/** A bot downloads files of up to 20 MB (Bot API, getFile). */
const DOWNLOAD_MS = 60_000

/**
 * Other bots cannot copy from the home bot's chat, and its file ids mean nothing to them: each gets the message once,
 * in its own chat with the admin, and copies from there. Files are uploaded once per bot and remembered.
 * @throws Rejected `broadcast.not-started` when the admin has no chat with one of the bots
 */
export async function adoptContents(app: App, broadcast: Broadcast): Promise<void> {
  const bots = broadcast.audience.bots ?? []
  for (const [language, content] of Object.entries(broadcast.contents)) {
    for (const name of bots) {
      const bot = app.bots.get(name)
      if (!bot || content.sources[name]) continue
      const home = app.bots.get(broadcast.bot)!
      const source = await recreate(app, home, bot, content, Number(broadcast.createdBy))
      content.sources[name] = source
      await app.db.rows(q`
        update broadcasts set contents = jsonb_set(contents, ${[language, 'sources', name]}::text[],
          ${JSON.stringify(source)}::jsonb) where id = ${broadcast.id}`)
    }
  }
}

async function recreate(
  app: App,
  home: ServedBot,
  bot: ServedBot,
  content: Content,
  admin: number,
): Promise<Source> {
  if (content.text !== undefined) {
    const sent = await bot.notices.sendMessage(admin, content.text, { entities: content.entities })
    return { chatId: admin, messageIds: [sent.message_id] }
  }
  if (content.media.length === 0) {
    throw new Rejected('broadcast.kind', 'a message of this kind can be mailed by its own bot only')
  }
  const files = await Promise.all(content.media.map((part) => fileFor(app, home, bot, part)))
  if (content.media.length === 1) {
    const { messageId, fileId } = await sendPart(bot, admin, content.media[0]!, files[0]!)
    await remember(app, bot, content.media[0]!, fileId)
    return { chatId: admin, messageIds: [messageId] }
  }
  const group = content.media.map(
    (part, index) =>
      ({
        type: part.kind,
        media: files[index]!,
        caption: part.caption,
        caption_entities: part.captionEntities,
      }) as InputMedia,
  )
  const sent = await bot.notices.sendMediaGroup(
    admin,
    group as Parameters<typeof bot.notices.sendMediaGroup>[1],
  )
  return { chatId: admin, messageIds: sent.map(({ message_id }) => message_id) }
}

async function fileFor(
  app: App,
  home: ServedBot,
  bot: ServedBot,
  part: MediaPart,
): Promise<InputFile | string> {
  const [known] = await app.db.rows(q<{ fileId: string }>`
    select file_id as "fileId" from bot_files where bot = ${bot.name} and key = ${`media-${part.uniqueId}`}`)
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

async function sendPart(bot: ServedBot, admin: number, part: MediaPart, file: InputFile | string) {
  const words = { caption: part.caption, caption_entities: part.captionEntities }
  const api = bot.notices
  switch (part.kind) {
    case 'photo': {
      const sent = await api.sendPhoto(admin, file, words)
      return { messageId: sent.message_id, fileId: sent.photo.at(-1)!.file_id }
    }
    case 'video': {
      const sent = await api.sendVideo(admin, file, words)
      return { messageId: sent.message_id, fileId: sent.video.file_id }
    }
    case 'animation': {
      const sent = await api.sendAnimation(admin, file, words)
      return { messageId: sent.message_id, fileId: sent.animation.file_id }
    }
    case 'document': {
      const sent = await api.sendDocument(admin, file, words)
      return { messageId: sent.message_id, fileId: sent.document.file_id }
    }
    case 'audio': {
      const sent = await api.sendAudio(admin, file, words)
      return { messageId: sent.message_id, fileId: sent.audio.file_id }
    }
    case 'voice': {
      const sent = await api.sendVoice(admin, file, words)
      return { messageId: sent.message_id, fileId: sent.voice.file_id }
    }
    case 'sticker': {
      const sent = await api.sendSticker(admin, file)
      return { messageId: sent.message_id, fileId: sent.sticker.file_id }
    }
    case 'video_note': {
      const sent = await api.sendVideoNote(admin, file)
      return { messageId: sent.message_id, fileId: sent.video_note.file_id }
    }
  }
}

async function remember(app: App, bot: ServedBot, part: MediaPart, fileId: string): Promise<void> {
  await app.db.rows(q`
    insert into bot_files (bot, key, file_id) values (${bot.name}, ${`media-${part.uniqueId}`}, ${fileId})
    on conflict (bot, key) do update set file_id = excluded.file_id`)
}
