import type { Message, MessageEntity } from 'grammy/types'
import { UserError } from '#shared/errors.ts'
import { shorten } from '#shared/storable.ts'

export interface LinkButton {
  text: string
  url: string
}

export type MediaKind =
  'photo' | 'video' | 'animation' | 'document' | 'audio' | 'voice' | 'sticker' | 'video_note'

/** A file as the bot that got it knows it; another bot needs it uploaded (a file_id is worth nothing there). */
export interface MediaPart {
  kind: MediaKind
  fileId: string
  uniqueId: string
  fileName?: string
  caption?: string
  captionEntities?: MessageEntity[]
}

/** Where a bot copies a message from: its own chat with the admin. */
export interface CopiedFrom {
  chatId: number
  messageIds: number[]
  /** The files of the content as this bot knows them; the home bot's are in `media`. */
  fileIds?: string[]
}

/** What is mailed in one language. Sources by bot; the home bot's is the admin's own message. */
export interface Content {
  groupId?: string
  text?: string
  entities?: MessageEntity[]
  media: MediaPart[]
  buttons: LinkButton[][]
  sources: Record<string, CopiedFrom>
  /** New words for an album that was sent: which of its messages carries the caption. */
  captionAt?: number
}

/** By language; '' = for every language without a content of its own. */
export type Contents = Record<string, Content>

/** Reads an admin's message as content. @throws UserError `broadcast.content` when it cannot be copied */
export function contentOf(bot: string, message: Message): Content {
  const part = mediaOf(message)
  const copyable = message.text ?? part ?? message.location ?? message.contact ?? message.dice
  if (!copyable) throw new UserError('broadcast.content')
  return {
    groupId: message.media_group_id,
    text: message.text,
    entities: message.entities,
    media: part ? [part] : [],
    buttons: [],
    sources: { [bot]: { chatId: message.chat.id, messageIds: [message.message_id] } },
  }
}

/** A further message of the same album. */
export function joinAlbum(content: Content, bot: string, message: Message): Content {
  const part = mediaOf(message)
  const source = content.sources[bot]!
  if (source.messageIds.includes(message.message_id)) return content
  return {
    ...content,
    media: part ? [...content.media, part] : content.media,
    sources: {
      [bot]: {
        chatId: source.chatId,
        messageIds: [...source.messageIds, message.message_id].toSorted((a, b) => a - b),
      },
    },
  }
}

export const isAlbum = (content: Content) => content.media.length > 1

/** The file that a message carries, if it carries one. */
export function mediaOf(message: Message): MediaPart | undefined {
  const file =
    message.photo?.at(-1) ??
    message.video ??
    message.animation ??
    message.document ??
    message.audio ??
    message.voice ??
    message.sticker ??
    message.video_note
  if (!file) return undefined
  // Telegram sends an animation as a document as well, so the animation is looked for first.
  const kind: MediaKind = message.photo
    ? 'photo'
    : message.video
      ? 'video'
      : message.animation
        ? 'animation'
        : message.document
          ? 'document'
          : message.audio
            ? 'audio'
            : message.voice
              ? 'voice'
              : message.sticker
                ? 'sticker'
                : 'video_note'
  return {
    kind,
    fileId: file.file_id,
    uniqueId: file.file_unique_id,
    fileName: 'file_name' in file ? file.file_name : undefined,
    caption: message.caption,
    captionEntities: message.caption_entities,
  }
}

/** What editMessageMedia takes, and can replace (Bot API). */
const REPLACEABLE: readonly string[] = ['photo', 'video', 'animation', 'document', 'audio']
const CAPTION_LENGTH = 1024

/**
 * Checks that a message that was sent can become this one, and finds where its words go. An album keeps the number of
 * its parts; in it, files and music are replaced by their like (Bot API, editMessageMedia).
 * @throws UserError `broadcast.edit-kind`, `broadcast.album-size`, `broadcast.caption`
 */
export function asEdit(content: Content, sent: Content): Content {
  const kinds = sent.media.map(({ kind }) => kind)
  const words = content.text
  if (words !== undefined && sent.text !== undefined) return content
  if (words !== undefined) {
    if (kinds.length === 0 || kinds.some((kind) => kind === 'sticker' || kind === 'video_note')) {
      throw new UserError('broadcast.edit-kind')
    }
    if (words.length > CAPTION_LENGTH) throw new UserError('broadcast.caption', { max: CAPTION_LENGTH })
    return {
      ...content,
      captionAt: Math.max(
        0,
        sent.media.findIndex(({ caption }) => caption),
      ),
    }
  }
  const fits = [...kinds, ...content.media.map(({ kind }) => kind)].every((kind) =>
    REPLACEABLE.includes(kind),
  )
  if (!fits || content.media.length === 0) throw new UserError('broadcast.edit-kind')
  const parts = Math.max(1, kinds.length)
  if (content.media.length !== parts) throw new UserError('broadcast.album-size', { count: parts })
  const alike = content.media.every(({ kind }, at) => {
    const pair = [kind, kinds[at]]
    return (
      kind === kinds[at] || !pair.some((one) => one === 'document' || one === 'audio' || one === 'animation')
    )
  })
  if (parts > 1 && !alike) throw new UserError('broadcast.edit-kind')
  return content
}

/** Lines of `Text - https://link`, several in a row separated by `|`. @throws UserError `broadcast.buttons` */
export function parseButtons(text: string): LinkButton[][] {
  const rows = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) =>
      line.split('|').map((part) => {
        const match = /^(.{1,64}?)\s*[-–—]\s*((?:https?|tg):\/\/\S{1,500})$/.exec(part.trim())
        if (!match) throw new UserError('broadcast.buttons', { line: shorten(part.trim(), 60) })
        return { text: match[1]!.trim(), url: match[2]! }
      }),
    )
  if (rows.length === 0 || rows.length > 10 || rows.some((row) => row.length > 4)) {
    throw new UserError('broadcast.buttons', { line: shorten(text, 60) })
  }
  return rows
}

/** The languages that a mailing has words for; undefined = every language. */
export function languagesOf(contents: Contents): string[] | undefined {
  return contents[''] ? undefined : Object.keys(contents)
}
