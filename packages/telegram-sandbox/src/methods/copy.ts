import { randomInt } from '../lib/crypto.ts'
import { checkWritable, placeOf } from '../chats.ts'
import { bad } from '../errors.ts'
import { captionFields } from '../format.ts'
import { spend } from '../limits.ts'
import { markupOf } from '../markup.ts'
import { addMessage } from '../messages.ts'
import { bool, int, type Obj } from '../params.ts'
import { checkMaySend, checkSlowMode } from '../rights.ts'
import type { Stored } from '../store.ts'
import type { Call, Method } from './call.ts'
import { extraOf, repliedTo } from './deliver.ts'
import { messageIds } from './edit.ts'

const CONTENT = [
  'text',
  'entities',
  'caption',
  'caption_entities',
  'photo',
  'live_photo',
  'document',
  'video',
  'animation',
  'audio',
  'voice',
  'video_note',
  'sticker',
  'dice',
  'location',
  'contact',
  'venue',
  'poll',
  'game',
  'rich_message',
]

const contentOf = (stored: Stored): Obj =>
  Object.fromEntries(Object.entries(stored.api).filter(([name]) => CONTENT.includes(name)))

/** Service messages and invoices cannot be copied. */
function source(call: Call, id: number, what: string): Stored | undefined {
  const from = placeOf(call.world, call.bot, call.p, 'from_chat_id')
  const stored = from.box.messages.get(id)
  if (!stored || stored.deleted) return undefined
  if (stored.from === 'service' || stored.invoice || Object.keys(contentOf(stored)).length === 0)
    throw bad(`message can't be ${what}`)
  if (stored.api['has_protected_content']) throw bad(`message can't be ${what}`)
  return stored
}

function put(call: Call, stored: Stored, more: Obj, keyboard?: Obj): Obj {
  const { world, bot, p } = call
  const place = placeOf(world, bot, p)
  const replyTo = repliedTo(p, place)
  return addMessage(world, bot, place, {
    from: 'bot',
    content: { ...contentOf(stored), ...more },
    extra: extraOf(p, markupOf(p, { invoice: false, privateChat: place.person !== undefined })),
    ...(replyTo && { replyTo }),
    ...(stored.game && { game: stored.game }),
    ...(keyboard && { keyboard }),
  }).api
}

function prepare(call: Call, sent: Stored[]) {
  const place = placeOf(call.world, call.bot, call.p)
  for (const { api } of place.group ? sent : []) checkMaySend(place.group!, call.bot.id, api)
  spend(call.world, call.bot, place.chat, sent.length, bool(call.p, 'allow_paid_broadcast'))
  checkWritable(call.world, call.bot, place)
  if (place.group) checkSlowMode(call.world, place.group, call.bot.id)
  return place
}

const copyMessage: Method = (call) => {
  const id = int(call.p, 'message_id')
  if (id <= 0) throw bad('message identifier is not specified')
  const stored = source(call, id, 'copied')
  if (!stored) throw bad('message to copy not found')
  const caption = call.p.values['caption'] === undefined ? {} : captionFields(call.world, call.p.values)
  const place = prepare(call, [stored])
  const { inline } = markupOf(call.p, { invoice: false, privateChat: place.person !== undefined })
  return { message_id: put(call, stored, caption, inline)['message_id'] }
}

/** Albums stay albums, under a new id; what is missing is skipped ("Bot API", copyMessages). */
const copyMessages: Method = (call) => {
  const found = increasing(messageIds(call)).flatMap((id) => source(call, id, 'copied') ?? [])
  if (found.length === 0) throw bad('there are no messages to copy')
  prepare(call, found)
  const groups = groupsOf(found)
  return found.map((stored) => ({ message_id: put(call, stored, groups(stored))['message_id'] }))
}

function increasing(ids: number[]): number[] {
  if (ids.some((id, index) => index > 0 && id <= ids[index - 1]!))
    throw bad('message identifiers must be in a strictly increasing order')
  return ids
}

/** Copies of several items of one album are one album again; a copy of a single item is none. */
function groupsOf(list: Stored[]): (stored: Stored) => Obj {
  const groups = new Map<unknown, string>()
  const of = (stored: Stored) => stored.api['media_group_id']
  for (const stored of list) groups.set(of(stored), String(13_000_000_000_000 + randomInt(1e9)))
  return (stored) =>
    of(stored) !== undefined && list.filter((one) => of(one) === of(stored)).length > 1
      ? { media_group_id: groups.get(of(stored)) }
      : {}
}

/**
 * The origin of a message is where it was written first, so forwarding it once more changes nothing. A channel
 * stands for its authors.
 */
function originOf({ api }: Stored): Obj {
  const { forward_origin: first, from, sender_chat: chat, date, message_id: id } = api
  if (first !== undefined) return { forward_origin: first }
  const author =
    chat === undefined ? { type: 'user', sender_user: from } : { type: 'channel', chat, message_id: id }
  return { forward_origin: { ...author, date } }
}

const forwardMessage: Method = (call) => {
  const stored = source(call, int(call.p, 'message_id'), 'forwarded')
  if (!stored) throw bad('message to forward not found')
  prepare(call, [stored])
  return put(call, stored, originOf(stored))
}

const forwardMessages: Method = (call) => {
  const found = increasing(messageIds(call)).flatMap((id) => source(call, id, 'forwarded') ?? [])
  if (found.length === 0) throw bad('there are no messages to forward')
  prepare(call, found)
  const groups = groupsOf(found)
  return found.map((stored) => ({
    message_id: put(call, stored, { ...originOf(stored), ...groups(stored) })['message_id'],
  }))
}

export const copying: Record<string, Method> = { copyMessage, copyMessages, forwardMessage, forwardMessages }
