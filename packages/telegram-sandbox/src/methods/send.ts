import { randomInt } from '../lib/crypto.ts'
import { checkWritable, placeOf } from '../chats.ts'
import { bad } from '../errors.ts'
import { fileOf, mediaFields } from '../files.ts'
import { captionFields, messageText, textFields } from '../format.ts'
import { spend } from '../limits.ts'
import { addMessage, tell } from '../messages.ts'
import { bool, int, isObj, json, required, str, text, type Obj } from '../params.ts'
import { checkMaySend, checkSlowMode } from '../rights.ts'
import { formatOf } from '../sticker-view.ts'
import type { Call, Method } from './call.ts'
import { deliver, extraOf, repliedTo } from './deliver.ts'
import { livePhotoFields } from './live-photo.ts'
import { threadOf } from './topics.ts'

const ACTIONS = [
  'typing',
  'upload_photo',
  'record_video',
  'upload_video',
  'record_voice',
  'upload_voice',
  'record_audio',
  'upload_audio',
  'upload_document',
  'choose_sticker',
  'pick_up_location',
  'find_location',
  'record_video_note',
  'upload_video_note',
]

/** How long a chat action is shown ("Bot API", sendChatAction: 5 seconds or less). */
const ACTION_MS = 5000

const sendMessage: Method = (call) => deliver(call, textFields(messageText(call.world, call.p)))

/** Measures that the sender states for a file, by its kind. One that is not stated is read from the file. */
const MEASURES: Record<string, string[]> = {
  video: ['duration', 'width', 'height'],
  animation: ['duration', 'width', 'height'],
  audio: ['duration', 'performer', 'title'],
  voice: ['duration'],
  video_note: ['duration', 'length'],
}

function measured(media: Obj, said: Obj): Obj {
  const kind = Object.keys(MEASURES).find((one) => media[one] !== undefined)
  if (!kind) return media
  const fields = MEASURES[kind]!.flatMap((field) => {
    const value = str(said[field])
    if (value === '') return []
    const isText = field === 'performer' || field === 'title'
    return [[field, isText ? value : int({ values: said, files: new Map() }, field)]]
  })
  return { ...media, [kind]: { ...(media[kind] as Obj), ...Object.fromEntries(fields) } }
}

/** Thumbnails are uploaded with their file and never used again ("Bot API", sendDocument). */
async function withThumbnail({ world, bot, p }: Call, media: Obj): Promise<Obj> {
  const named = str(p.values['thumbnail']).replace(/^attach:\/\//, '')
  const kind = Object.keys(media)[0]!
  if (kind === 'photo' || !p.files.has(named || 'thumbnail')) return media
  const { photo } = mediaFields(await fileOf(world, bot, p, 'thumbnail', 'photo'))
  return { ...media, [kind]: { ...(media[kind] as Obj), thumbnail: (photo as Obj[])[0] } }
}

function sender(kind: string, captioned = true): Method {
  return async (call) => {
    const { world, bot, p } = call
    const caption = captioned ? captionFields(world, p.values) : {}
    placeOf(world, bot, p)
    const file = await fileOf(world, bot, p, kind, kind)
    const spoiler = bool(p, 'has_spoiler') ? { has_media_spoiler: true } : {}
    const media = measured(mediaFields(file), p.values)
    return deliver(call, { ...(await withThumbnail(call, media)), ...caption, ...spoiler })
  }
}

/** `emoji` is of a sticker that has just been uploaded; one of a set has its own ("Bot API", sendSticker). */
const sendSticker: Method = async (call) => {
  const { world, bot, p } = call
  placeOf(world, bot, p)
  const file = await fileOf(world, bot, p, 'sticker', 'sticker')
  const emoji = text(p, 'emoji')
  if (emoji && !file.sticker) {
    const format = formatOf(file.bytes) ?? 'static'
    file.sticker = { format, emoji: [emoji], keywords: [], files: new Map([[bot.id, file]]) }
  }
  return deliver(call, mediaFields(file))
}

/** One item of an album or of editMessageMedia as fields of a message. */
export async function inputMedia(call: Call, media: unknown, what: string): Promise<Obj> {
  const { world, bot, p } = call
  const fail = (why: string) => bad(`can't parse ${what}: ${why}`)
  if (!isObj(media)) throw fail('expected an Object')
  const type = media['type']
  if (typeof type !== 'string') throw fail('Can\'t find field "type"')
  if (!['photo', 'live_photo', 'video', 'document', 'audio', 'animation'].includes(type))
    throw fail(`type "${type}" is unsupported`)
  if (typeof media['media'] !== 'string' || media['media'] === '') throw fail('media not found')
  const caption = captionFields(world, media)
  if (type === 'live_photo')
    return { ...(await livePhotoFields(call, media['media'], str(media['photo']))), ...caption }
  const file = await fileOf(world, bot, p, type, type, media['media'])
  return { ...measured(mediaFields(file), media), ...caption }
}

const sendMediaGroup: Method = async (call) => {
  const { world, bot, p } = call
  const media = json(p, 'media', 'media')
  if (!Array.isArray(media)) throw bad('expected an Array of InputMedia')
  if (media.length < 1) throw bad('there are no messages to send')
  const types = new Set(media.map((one: unknown) => (isObj(one) ? str(one['type']) : '')))
  if (types.has('animation'))
    throw bad('can\'t parse InputMedia: type "animation" can\'t be used in sendMediaGroup')
  if ((types.has('document') || types.has('audio')) && types.size > 1)
    throw bad("can't use the media of the specified type in the album")
  const place = placeOf(world, bot, p)
  const replyTo = repliedTo(p, place)
  const contents: Obj[] = []
  for (const one of media as unknown[]) contents.push(await inputMedia(call, one, 'InputMedia'))
  for (const content of place.group ? contents : []) checkMaySend(place.group!, bot.id, content)
  spend(world, bot, place.chat, contents.length, bool(p, 'allow_paid_broadcast'))
  checkWritable(world, bot, place)
  if (place.group) checkSlowMode(world, place.group, bot.id)
  const group = contents.length > 1 ? { media_group_id: String(13_000_000_000_000 + randomInt(1e9)) } : {}
  return contents.map(
    (content) =>
      addMessage(world, bot, place, {
        from: 'bot',
        content: { ...content, ...group },
        extra: extraOf(p, {}),
        ...(replyTo && { replyTo }),
      }).api,
  )
}

const sendChatAction: Method = (call) => {
  const { world, bot, p } = call
  const action = required(p, 'action').toLowerCase()
  if (!ACTIONS.includes(action)) throw bad('wrong parameter action in request')
  const place = placeOf(world, bot, p)
  checkWritable(world, bot, place)
  const thread = threadOf(call)['message_thread_id']
  place.box.action = { name: action, until: world.clock.now() + ACTION_MS }
  tell(world, bot, place, 'action', { action, ...(thread !== undefined && { message_thread_id: thread }) })
  return true
}

/** How many values each die has ("Bot API", Dice). */
const DICE: Record<string, number> = { '🎲': 6, '🎯': 6, '🎳': 6, '🏀': 5, '⚽': 5, '⚽️': 5, '🎰': 64 }

const sendDice: Method = (call) => {
  const emoji = text(call.p, 'emoji') || '🎲'
  const most = DICE[emoji]
  if (!most) throw bad('EMOTICON_INVALID')
  return deliver(call, { dice: { emoji, value: randomInt(1, most + 1) } })
}

export const contactContent = ({ p }: Pick<Call, 'p'>): Obj => ({
  contact: {
    phone_number: required(p, 'phone_number'),
    first_name: required(p, 'first_name'),
    ...(text(p, 'last_name') && { last_name: text(p, 'last_name') }),
    ...(text(p, 'vcard') && { vcard: text(p, 'vcard') }),
  },
})

const sendContact: Method = (call) => deliver(call, contactContent(call))

export const sending: Record<string, Method> = {
  sendMessage,
  sendPhoto: sender('photo'),
  sendDocument: sender('document'),
  sendVideo: sender('video'),
  sendAnimation: sender('animation'),
  sendAudio: sender('audio'),
  sendVoice: sender('voice'),
  sendVideoNote: sender('video_note', false),
  sendSticker,
  sendMediaGroup,
  sendChatAction,
  sendDice,
  sendContact,
}
