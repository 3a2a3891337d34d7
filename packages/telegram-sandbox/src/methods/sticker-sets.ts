import { placeOf } from '../chats.ts'
import { checkRight } from '../rights.ts'
import { bad } from '../errors.ts'
import { fileOf } from '../files.ts'
import { bool, json, required, text, userId, type Obj } from '../params.ts'
import { formatOf, stickerView } from '../sticker-view.ts'
import {
  checkStickerFile,
  fileFor,
  formatFrom,
  GONE,
  ownerOf,
  ownSet,
  parsed,
  setNamed,
  stickerOf,
  typeFrom,
  writtenFrom,
  type Sticker,
  type StickerSet,
} from '../stickers.ts'
import type { Call, Method } from './call.ts'

/** "Bot API", createNewStickerSet. */
const LONGEST_NAME = 64

const getStickerSet: Method = (call) => {
  const set = setNamed(call.world, call.p)
  const { world, bot } = call
  return {
    name: set.name,
    title: set.title,
    ...(set.thumbnail && { thumbnail: thumbnailView(set.thumbnail) }),
    sticker_type: set.type,
    contains_masks: set.type === 'mask',
    stickers: set.stickers.map((sticker) => stickerView(fileFor(world, bot, sticker))),
  }
}

const thumbnailView = (file: NonNullable<StickerSet['thumbnail']>): Obj => ({
  file_id: file.id,
  file_unique_id: file.uniqueId,
  file_size: file.bytes.length,
  width: file.width || 100,
  height: file.height || 100,
})

const getCustomEmojiStickers: Method = ({ world, bot, p }) => {
  required(p, 'custom_emoji_ids')
  const ids = json(p, 'custom_emoji_ids', 'custom emoji identifiers')
  if (!Array.isArray(ids)) throw bad('Expected an Array of custom emoji identifiers')
  for (const id of ids as unknown[]) {
    if (typeof id !== 'string') throw bad('Custom emoji identifier must be of type String')
    if (!/^-?\d{1,19}$/.test(id)) throw bad('Invalid custom emoji identifier specified')
  }
  const all = [...world.stickerSets.values()].flatMap(({ stickers }) => stickers)
  return ids.flatMap((id) => {
    const found = all.find(({ customEmojiId }) => customEmojiId === id)
    return found ? [stickerView(fileFor(world, bot, found))] : []
  })
}

const uploadStickerFile: Method = async (call) => {
  const { world, bot, p } = call
  userId(p)
  const asked = formatFrom(text(p, 'sticker_format') ?? '')
  const upload = p.files.get('sticker') ?? p.files.get((text(p, 'sticker') ?? '').replace(/^attach:\/\//, ''))
  ownerOf(call.world, call.bot, call.p)
  if (!upload) throw bad('there is no sticker in the request')
  checkStickerFile(upload.bytes, asked ?? formatOf(upload.bytes) ?? 'static', 'regular')
  const file = await fileOf(world, bot, p, 'sticker', 'sticker')
  const { id, uniqueId, bytes, path } = file
  return { file_id: id, file_unique_id: uniqueId, file_size: bytes.length, file_path: path }
}

function titleOf({ p }: Call): string {
  const title = (text(p, 'title') ?? '').trim()
  if (title === '') throw bad('Sticker set title must be non-empty')
  return title
}

const createNewStickerSet: Method = async (call) => {
  const { world, bot, p } = call
  userId(p)
  const given = json(p, 'stickers', 'stickers')
  if (given === undefined) throw bad('there is no sticker file in the request')
  if (!Array.isArray(given)) throw bad('Expected an Array of InputSticker')
  const written = given.map((one: unknown) =>
    parsed('InputSticker', () => writtenFrom(p, one, text(p, 'sticker_format') ?? '')),
  )
  const type = typeFrom(text(p, 'sticker_type') ?? '')
  const owner = ownerOf(call.world, call.bot, call.p)
  const title = titleOf(call)
  const name = (text(p, 'name') ?? '').trim()
  if (name === '') throw bad('Sticker set name must be non-empty')
  if (given.length === 0) throw bad('At least 1 sticker must be specified')
  if (bool(p, 'needs_repainting') && type !== 'custom_emoji')
    throw bad('Only custom emoji stickers support repainting')
  const stickers: Sticker[] = []
  for (const one of written) stickers.push(await stickerOf(world, bot, p, one, type))
  const ending = `_by_${bot.username}`.toLowerCase()
  const fits = name.length <= LONGEST_NAME && /^[a-z]\w*$/i.test(name) && !name.includes('__')
  if (!fits || !name.toLowerCase().endsWith(ending)) throw bad('invalid sticker set name is specified')
  if (world.stickerSets.has(name.toLowerCase())) throw bad('sticker set name is already occupied')
  const repainted = bool(p, 'needs_repainting')
  const set: StickerSet = { name, title, type, botId: bot.id, owner, repainted, stickers }
  for (const sticker of stickers) sticker.set = set
  world.stickerSets.set(name.toLowerCase(), set)
  return true
}

const setStickerSetTitle: Method = (call) => {
  if ((text(call.p, 'name') ?? '').trim() !== '') titleOf(call)
  ownSet(call.world, call.bot, call.p).title = titleOf(call)
  return true
}

const deleteStickerSet: Method = (call) => {
  const set = ownSet(call.world, call.bot, call.p)
  for (const sticker of set.stickers) delete sticker.set
  call.world.stickerSets.delete(set.name.toLowerCase())
  return true
}

const KIBIBYTE = 1024
const THUMBNAIL_SIDE = 100

const setStickerSetThumbnail: Method = async (call) => {
  const { world, bot, p } = call
  userId(p)
  const asked = formatFrom(text(p, 'format') || 'auto')
  const owner = ownerOf(call.world, call.bot, call.p)
  const set = ownSet(call.world, call.bot, call.p)
  if (set.type === 'custom_emoji')
    throw bad("The method can't be used to set thumbnail of custom emoji sticker sets")
  if (owner !== set.owner) throw bad(GONE)
  if (!text(p, 'thumbnail') && !p.files.has('thumbnail')) {
    delete set.thumbnail
    return true
  }
  const file = await fileOf(world, bot, p, 'thumbnail', 'sticker')
  const format = asked ?? set.stickers[0]!.format
  if (file.bytes.length > (format === 'static' ? 128 : 32) * KIBIBYTE) throw bad('File is too big')
  if (format === 'animated' && formatOf(file.bytes) !== 'animated') throw bad('STICKER_THUMB_TGS_NOTGS')
  const square = file.width === THUMBNAIL_SIDE && file.height === THUMBNAIL_SIDE
  if (format === 'static' && !square) throw bad('STICKER_THUMB_PNG_NOPNG')
  set.thumbnail = file
  return true
}

const setCustomEmojiStickerSetThumbnail: Method = (call) => {
  const set = ownSet(call.world, call.bot, call.p)
  if (set.type !== 'custom_emoji')
    throw bad('The method can be used to set thumbnail only for custom emoji sticker sets')
  const id = text(call.p, 'custom_emoji_id') ?? ''
  const sticker = set.stickers.find(({ customEmojiId }) => customEmojiId === id)
  if (id !== '' && !sticker) throw bad('STICKER_INVALID')
  if (sticker) set.thumbnail = fileFor(call.world, call.bot, sticker)
  else delete set.thumbnail
  return true
}

/** The set that the members of a supergroup are offered first. */
const turnGroupSet =
  (on: boolean): Method =>
  ({ world, bot, p }) => {
    const { group } = placeOf(world, bot, p)
    if (group?.type !== 'supergroup') throw bad('method is available only for supergroups')
    const set = on
      ? world.stickerSets.get((text(p, 'sticker_set_name') ?? '').trim().toLowerCase())
      : undefined
    if (on && !set) throw bad(GONE)
    checkRight(group, bot.id, 'can_change_info', 'not enough rights to change supergroup sticker set')
    if (set) group.stickerSet = set.name
    else delete group.stickerSet
    return true
  }

export const stickerSets: Record<string, Method> = {
  getStickerSet,
  getCustomEmojiStickers,
  uploadStickerFile,
  createNewStickerSet,
  setStickerSetTitle,
  deleteStickerSet,
  setStickerSetThumbnail,
  setCustomEmojiStickerSetThumbnail,
  setChatStickerSet: turnGroupSet(true),
  deleteChatStickerSet: turnGroupSet(false),
}
