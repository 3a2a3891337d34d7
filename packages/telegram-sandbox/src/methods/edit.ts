import { isDeepStrictEqual } from 'node:util'
import { checkWritable, placeOf, type Place } from '../chats.ts'
import { bad } from '../errors.ts'
import { captionFields, messageText, textFields } from '../format.ts'
import { inlineMessage, isInline } from '../inline-messages.ts'
import { spend } from '../limits.ts'
import { markupOf } from '../markup.ts'
import { deleteMessage, editMessage } from '../messages.ts'
import { int, isObj, json, str, text, type Obj } from '../params.ts'
import { hasRight } from '../rights.ts'
import { seconds, type Stored } from '../store.ts'
import type { Call, Method } from './call.ts'
import { richMessage } from './rich.ts'
import { inputMedia } from './send.ts'

/** Bots delete their messages for 48 hours ("Bot API", deleteMessage). */
const DELETABLE_S = 48 * 60 * 60

const EDITABLE_S = 48 * 60 * 60

const MEDIA = ['photo', 'video', 'animation', 'document', 'audio', 'voice', 'video_note', 'sticker']

const NOT_MODIFIED =
  'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message'

export function found(call: Call): { place: Place; stored: Stored } {
  const { world, bot, p } = call
  if (isInline(p)) return inlineMessage(world, bot, p)
  const place = placeOf(world, bot, p)
  const id = int(p, 'message_id')
  if (id <= 0) throw bad('message identifier is not specified')
  const stored = place.box.messages.get(id)
  if (!stored || stored.deleted) throw bad('message to edit not found')
  if (stored.from !== 'bot' || stored.botId !== bot.id) checkOfOwner(call, place, stored)
  return { place, stored }
}

/**
 * A bot edits what the owner of a business account wrote, for 48 hours, or longer where it has a keyboard ("Bot API",
 * editMessageText).
 * @throws bad
 */
function checkOfOwner({ world }: Call, { business }: Place, { api }: Stored): void {
  const { from, date, reply_markup: keys } = api
  if (!business || !isObj(from) || from['id'] !== business.owner.id) throw bad("message can't be edited")
  const old = seconds(world) - (date as number) > EDITABLE_S
  if (old && keys === undefined) throw bad('MESSAGE_EDIT_TIME_EXPIRED')
}

/** Applies new fields and keyboard, unless they are the old ones. @returns the message, or true for one of inline mode */
export function change(call: Call, place: Place, stored: Stored, drop: string[], fields: Obj): Obj | true {
  const { world, bot, p } = call
  const markup = markupOf(p, {
    invoice: stored.invoice !== undefined,
    game: stored.game !== undefined,
    privateChat: place.person !== undefined && !place.inline,
  })
  if (markup.reply || markup.remove || markup.forceReply) throw bad('inline keyboard expected')
  const next: Obj = Object.fromEntries(
    Object.entries(stored.api).filter(([name]) => !drop.includes(name) && name !== 'reply_markup'),
  )
  Object.assign(next, fields, markup.inline ? { reply_markup: markup.inline } : {})
  if (!place.inline) {
    spend(world, bot, place.chat, 1, false)
    checkWritable(world, bot, place)
  }
  const { edit_date: _, ...was } = stored.api
  const { edit_date: __, ...becomes } = next
  if (isDeepStrictEqual(was, becomes)) throw bad(NOT_MODIFIED)
  editMessage(world, bot, place, stored, next)
  return place.inline ?? stored.api
}

/** Replaces the text of a message by a new text or by a rich message. */
export const newText = async (call: Call): Promise<Obj> =>
  call.p.values['rich_message'] !== undefined && !text(call.p, 'text')
    ? { rich_message: await richMessage(call) }
    : textFields(messageText(call.world, call.p))

/** The fields that a new text replaces. */
export const OF_TEXT = ['text', 'entities', 'rich_message']

const editMessageText: Method = async (call) => {
  const fields = await newText(call)
  const { place, stored } = found(call)
  if (stored.game) return change(call, place, stored, [], { game: gameText(stored, fields) })
  if (stored.api['text'] === undefined && stored.api['rich_message'] === undefined)
    throw bad('there is no text in the message to edit')
  return change(call, place, stored, OF_TEXT, fields)
}

/** The text of a game is its brief description or its scores ("Bot API", Game). */
function gameText(stored: Stored, { text: words, entities }: Obj): Obj {
  const { text: _, text_entities: __, ...game } = stored.api['game'] as Obj
  return { ...game, text: words, ...(entities !== undefined && { text_entities: entities }) }
}

const editMessageCaption: Method = (call) => {
  const fields = captionFields(call.world, call.p.values)
  const { place, stored } = found(call)
  if (!MEDIA.some((kind) => stored.api[kind] !== undefined))
    throw bad('there is no caption in the message to edit')
  return change(call, place, stored, ['caption', 'caption_entities', 'show_caption_above_media'], fields)
}

const editMessageMedia: Method = async (call) => {
  const media = json(call.p, 'media', 'input media')
  const { place, stored } = found(call)
  // A new file cannot go into a message of inline mode ("Bot API", editMessageMedia).
  if (place.inline && isObj(media) && str(media['media']).startsWith('attach://'))
    throw bad('invalid message content specified')
  const fields = await inputMedia(call, media, 'InputMedia')
  checkKinds(stored, fields)
  return change(
    call,
    place,
    stored,
    [...MEDIA, 'text', 'entities', 'caption', 'caption_entities', 'show_caption_above_media'],
    fields,
  )
}

const kindIn = (fields: Obj) => MEDIA.find((kind) => fields[kind] !== undefined)

/**
 * Media replace media or text. Within an album photos and videos stay photos and videos, files stay files and
 * music stays music.
 */
function checkKinds(stored: Stored, fields: Obj): void {
  const [was, becomes] = [kindIn(stored.api), kindIn(fields)]
  const text = stored.api['text'] !== undefined
  if (!text && !['photo', 'video', 'animation', 'document', 'audio'].includes(was ?? ''))
    throw bad('there is no media in the message to edit')
  if (stored.api['media_group_id'] === undefined || was === becomes) return
  if (becomes === 'animation') throw bad("message content type can't be used in an album")
  if ([was, becomes].some((kind) => kind === 'document' || kind === 'audio'))
    throw bad("can't change media type in the album")
}

const editMessageReplyMarkup: Method = (call) => {
  const { place, stored } = found(call)
  return change(call, place, stored, [], {})
}

/** Refused as TDLib does, which looks at every message before it deletes any (MessagesManager, delete_messages). */
function checkDeletable({ world, bot }: Call, stored: Stored): void {
  const chat = (stored.api['chat'] as { id: number }).id
  const group = world.groups.get(chat)
  const old = seconds(world) - (stored.api['date'] as number) > DELETABLE_S
  if (!group) {
    if (old) throw bad("message can't be deleted for everyone")
    return
  }
  const own = stored.from !== 'person' && stored.botId === bot.id
  const posts = stored.from === 'service' || group.type === 'channel'
  const may =
    hasRight(group, bot.id, 'can_delete_messages') ||
    (own && (!posts || hasRight(group, bot.id, 'can_post_messages')))
  if (old || !may) throw bad("message can't be deleted")
}

const deleteOne: Method = (call) => {
  const place = placeOf(call.world, call.bot, call.p)
  const id = int(call.p, 'message_id')
  if (id <= 0) throw bad('message identifier is not specified')
  const stored = place.box.messages.get(id)
  if (!stored || stored.deleted) throw bad('message to delete not found')
  checkDeletable(call, stored)
  deleteMessage(call.world, call.bot, place, stored)
  return true
}

/** A message that is not found is skipped; one that cannot be deleted keeps all the others too. */
const deleteMessages: Method = (call) => {
  const place = placeOf(call.world, call.bot, call.p)
  const found = messageIds(call)
    .map((id) => place.box.messages.get(id))
    .filter((stored): stored is Stored => stored !== undefined && !stored.deleted)
  for (const stored of found) checkDeletable(call, stored)
  for (const stored of found) deleteMessage(call.world, call.bot, place, stored)
  return true
}

export function messageIds(call: Call): number[] {
  const ids = json(call.p, 'message_ids', 'message_ids')
  if (ids === undefined) throw bad('message identifiers are not specified')
  if (!Array.isArray(ids)) throw bad('expected an Array of message identifiers')
  if (ids.length === 0) throw bad('message identifiers are not specified')
  return ids.map((id: unknown) => {
    const number = Number(id)
    if (!Number.isSafeInteger(number)) throw bad("can't parse message identifier as a Number")
    if (number <= 0) throw bad('invalid message identifier specified')
    return number
  })
}

export const editing: Record<string, Method> = {
  editMessageText,
  editMessageCaption,
  editMessageMedia,
  editMessageReplyMarkup,
  deleteMessage: deleteOne,
  deleteMessages,
}
