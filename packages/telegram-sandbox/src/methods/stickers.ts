import { bad } from '../errors.ts'
import { int, json, text } from '../params.ts'
import {
  checkKeywords,
  emojiFrom,
  GONE,
  keywordsFrom,
  maskFrom,
  ownerOf,
  ownSet,
  parsed,
  stickerNamed,
  stickerOf,
  writtenFrom,
  type Sticker,
  type StickerSet,
} from '../stickers.ts'
import type { Call, Method } from './call.ts'

/** "Bot API", addStickerToSet. */
const MOST = { regular: 120, mask: 120, custom_emoji: 200 }

const bytesOf = (sticker: Sticker) => [...sticker.files.values()][0]!.uniqueId

async function added(call: Call, set: StickerSet): Promise<Sticker | undefined> {
  const { world, bot, p } = call
  if (p.values['sticker'] === undefined) throw bad('there is no sticker file in the request')
  const value = json(p, 'sticker', 'sticker')
  const written = parsed('sticker', () => writtenFrom(p, value, 'auto'))
  const sticker = await stickerOf(world, bot, p, written, set.type)
  // "If exactly the same sticker had already been added to the set, then the set isn't changed."
  return set.stickers.some((one) => bytesOf(one) === bytesOf(sticker)) ? undefined : sticker
}

const addStickerToSet: Method = async (call) => {
  const owner = ownerOf(call.world, call.bot, call.p)
  const set = ownSet(call.world, call.bot, call.p)
  const sticker = await added(call, set)
  if (owner !== set.owner) throw bad(GONE)
  if (!sticker) return true
  if (set.stickers.length >= MOST[set.type]) throw bad('STICKERS_TOO_MUCH')
  sticker.set = set
  set.stickers.push(sticker)
  return true
}

const replaceStickerInSet: Method = async (call) => {
  const owner = ownerOf(call.world, call.bot, call.p)
  const set = ownSet(call.world, call.bot, call.p)
  const old = stickerNamed(call.bot, call.p, 'old_sticker')
  const sticker = await added(call, set)
  if (owner !== set.owner || old.set !== set) throw bad(GONE)
  if (!sticker) return true
  sticker.set = set
  set.stickers[set.stickers.indexOf(old.sticker)] = sticker
  delete old.sticker.set
  return true
}

/** Telegram deletes a set with its last sticker. */
const deleteStickerFromSet: Method = ({ world, bot, p }) => {
  const { sticker, set } = stickerNamed(bot, p)
  set.stickers = set.stickers.filter((one) => one !== sticker)
  delete sticker.set
  if (set.stickers.length === 0) world.stickerSets.delete(set.name.toLowerCase())
  return true
}

const setStickerPositionInSet: Method = ({ bot, p }) => {
  const position = text(p, 'position') === undefined ? -1 : int(p, 'position')
  if (text(p, 'sticker') && position < 0) throw bad('Wrong sticker position specified')
  const { sticker, set } = stickerNamed(bot, p)
  const others = set.stickers.filter((one) => one !== sticker)
  set.stickers = others.toSpliced(position, 0, sticker)
  return true
}

const setStickerEmojiList: Method = ({ bot, p }) => {
  const { sticker, set } = stickerNamed(bot, p)
  const list = json(p, 'emoji_list', 'emoji list')
  const emoji = parsed('emoji list', () => emojiFrom(list))
  if (set.type === 'mask') throw bad('STICKER_INVALID')
  sticker.emoji = emoji
  return true
}

const setStickerKeywords: Method = ({ bot, p }) => {
  const { sticker, set } = stickerNamed(bot, p)
  const given = json(p, 'keywords', 'keywords') ?? []
  const keywords = keywordsFrom(given)
  checkKeywords(keywords)
  if (set.type === 'mask') throw bad('STICKER_INVALID')
  sticker.keywords = keywords
  return true
}

const setStickerMaskPosition: Method = ({ bot, p }) => {
  const { sticker, set } = stickerNamed(bot, p)
  const value = json(p, 'mask_position', 'mask position')
  const mask = parsed('mask position', () => maskFrom(value))
  if (set.type !== 'mask') throw bad('STICKER_INVALID')
  if (mask) sticker.mask = mask
  else delete sticker.mask
  return true
}

export const stickers: Record<string, Method> = {
  addStickerToSet,
  replaceStickerInSet,
  deleteStickerFromSet,
  setStickerPositionInSet,
  setStickerEmojiList,
  setStickerKeywords,
  setStickerMaskPosition,
}
