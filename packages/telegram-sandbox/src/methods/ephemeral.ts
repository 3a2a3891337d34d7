import { placeOf, type Place } from '../chats.ts'
import { bad } from '../errors.ts'
import { captionFields } from '../format.ts'
import { tell } from '../messages.ts'
import { int, json } from '../params.ts'
import type { Group, Stored } from '../store.ts'
import type { Call, Method } from './call.ts'
import { change, newText, OF_TEXT } from './edit.ts'
import { inputMedia } from './send.ts'

function whispered(call: Call): { place: Place; stored: Stored; group: Group } {
  const { world, bot, p } = call
  const place = placeOf(world, bot, p)
  const stored = place.group?.ephemeral?.get(int(p, 'ephemeral_message_id'))
  const receiver = (stored?.api['receiver_user'] as { id: number } | undefined)?.id
  if (!stored || !place.group || stored.botId !== bot.id || receiver !== int(p, 'receiver_user_id'))
    throw bad('MESSAGE_ID_INVALID')
  return { place, stored, group: place.group }
}

const editText: Method = async (call) => {
  const fields = await newText(call)
  const { place, stored } = whispered(call)
  if (stored.api['text'] === undefined && stored.api['rich_message'] === undefined)
    throw bad('there is no text in the message to edit')
  change(call, place, stored, OF_TEXT, fields)
  return true
}

const MEDIA = ['photo', 'live_photo', 'video', 'animation', 'document', 'audio', 'voice']

const editCaption: Method = (call) => {
  const fields = captionFields(call.world, call.p.values)
  const { place, stored } = whispered(call)
  if (!MEDIA.some((kind) => stored.api[kind] !== undefined))
    throw bad('there is no caption in the message to edit')
  change(call, place, stored, ['caption', 'caption_entities', 'show_caption_above_media'], fields)
  return true
}

const editMedia: Method = async (call) => {
  const { place, stored } = whispered(call)
  const fields = await inputMedia(call, json(call.p, 'media', 'input media'), 'InputMedia')
  change(call, place, stored, [...MEDIA, 'text', 'entities', 'caption', 'caption_entities'], fields)
  return true
}

const editMarkup: Method = (call) => {
  const { place, stored } = whispered(call)
  change(call, place, stored, [], {})
  return true
}

const deleteWhisper: Method = (call) => {
  const { place, stored, group } = whispered(call)
  stored.deleted = true
  group.ephemeral?.delete(stored.api['ephemeral_message_id'] as number)
  tell(call.world, call.bot, place, 'delete', { ephemeral_message_id: stored.api['ephemeral_message_id'] })
  return true
}

export const ephemeral: Record<string, Method> = {
  editEphemeralMessageText: editText,
  editEphemeralMessageCaption: editCaption,
  editEphemeralMessageMedia: editMedia,
  editEphemeralMessageReplyMarkup: editMarkup,
  deleteEphemeralMessage: deleteWhisper,
}
