import { ApiError, bad } from './errors.ts'
import { fileOf, storeFile } from './files.ts'
import { imageSize } from './images.ts'
import { isObj, str, text, userId, type Obj, type Params } from './params.ts'
import { queryId } from './payments.ts'
import { CUSTOM_EMOJI_SIDE, formatOf, SIDE } from './sticker-view.ts'
import type { Bot, StoredFile, World } from './store.ts'

const TYPES = ['regular', 'mask', 'custom_emoji'] as const
const FORMATS = ['static', 'animated', 'video'] as const
const POINTS = ['forehead', 'eyes', 'mouth', 'chin']

export type StickerType = (typeof TYPES)[number]
export type StickerFormat = (typeof FORMATS)[number]

export interface StickerSet {
  name: string
  title: string
  type: StickerType
  /** The bot that made the set, which alone may change it, and the person whose set it is. */
  botId: number
  owner: number
  repainted: boolean
  stickers: Sticker[]
  thumbnail?: StoredFile
}

export interface Sticker {
  set?: StickerSet
  format: StickerFormat
  emoji: string[]
  keywords: string[]
  mask?: Obj
  customEmojiId?: string
  /** The file as each bot knows it: an id of one means nothing to another. */
  files: Map<number, StoredFile>
}

const KIBIBYTE = 1024
/** TDLib, get_max_sticker_file_size. */
const LARGEST: Record<StickerFormat, number> = {
  static: 512 * KIBIBYTE,
  animated: 64 * KIBIBYTE,
  video: 256 * KIBIBYTE,
}
const LARGEST_CUSTOM_EMOJI: Partial<typeof LARGEST> = { static: 128 * KIBIBYTE, video: 64 * KIBIBYTE }

/** @throws bad with Telegram's code for a file that is no sticker of this format */
export function checkStickerFile(bytes: Buffer, format: StickerFormat, type: StickerType): void {
  const most = (type === 'custom_emoji' && LARGEST_CUSTOM_EMOJI[format]) || LARGEST[format]
  if (bytes.length > most) throw bad('File is too big')
  const real = formatOf(bytes)
  if (format === 'animated' && real !== 'animated') throw bad('STICKER_TGS_NOTGS')
  if (format === 'video' && real !== 'video') throw bad('STICKER_VIDEO_NOWEBM')
  if (format !== 'static') return
  const size = imageSize(bytes)
  if (!size || bytes.toString('latin1', 0, 3) === 'GIF' || bytes.readUInt16BE(0) === 0xffd8)
    throw bad('STICKER_PNG_NOPNG')
  const longer = Math.max(size.width, size.height)
  const fits =
    type === 'custom_emoji'
      ? size.width === CUSTOM_EMOJI_SIDE && size.height === CUSTOM_EMOJI_SIDE
      : longer === SIDE
  if (!fits) throw bad('STICKER_PNG_DIMENSIONS')
}

/** The file of a sticker for one bot; another bot gets ids of its own to the same bytes. */
export function fileFor(world: World, bot: Bot, sticker: Sticker): StoredFile {
  const known = sticker.files.get(bot.id)
  if (known && bot.files.has(known.id)) return known
  const { name, type, bytes } = known ?? [...sticker.files.values()][0]!
  const file = storeFile(world, bot, 'sticker', { name, type, bytes })
  file.sticker = sticker
  sticker.files.set(bot.id, file)
  return file
}

export function typeFrom(value: string): StickerType {
  if (value === '') return 'regular'
  const type = TYPES.find((one) => one === value)
  if (!type) throw bad('unsupported sticker type specified')
  return type
}

/** @returns undefined for the format that the file itself shows */
export function formatFrom(value: string): StickerFormat | undefined {
  const format = FORMATS.find((one) => one === value)
  if (!format && value !== 'auto') throw bad('Invalid sticker format specified')
  return format
}

const MOST_EMOJI = 20
const MOST_KEYWORDS = 20
const LONGEST_KEYWORDS = 64

/** @throws bad without a prefix; callers say what could not be parsed */
export function emojiFrom(value: unknown): string[] {
  if (!Array.isArray(value)) throw bad('expected an Array of string')
  if (value.length === 0) throw bad('emoji list must be non-empty')
  if (value.length > MOST_EMOJI) throw bad('too many emoji specified')
  return value.map((one: unknown) => {
    if (typeof one !== 'string') throw bad('emoji must be a string')
    if (!/^(\p{RGI_Emoji}|\p{Extended_Pictographic}\uFE0F?)$/v.test(one))
      throw bad('expected a Unicode emoji')
    return one
  })
}

export function keywordsFrom(value: unknown): string[] {
  if (!Array.isArray(value)) throw bad('Field "keywords" must be an Array')
  return value.map((one: unknown) => {
    if (typeof one !== 'string') throw bad('keyword must be a string')
    return one
  })
}

/** "Bot API", InputSticker. Which code the server has for more is not documented. */
export function checkKeywords(keywords: string[]): void {
  if (keywords.length > MOST_KEYWORDS || keywords.join('').length > LONGEST_KEYWORDS)
    throw bad('KEYWORDS_INVALID')
}

export function maskFrom(value: unknown): Obj | undefined {
  if (value === undefined || value === null) return undefined
  if (!isObj(value)) throw bad('MaskPosition must be an Object')
  const point = str(value['point']).trim().toLowerCase()
  if (value['point'] === undefined) throw bad('Can\'t find field "point"')
  if (!POINTS.includes(point)) throw bad('Wrong point specified in MaskPosition')
  const numbers = ['x_shift', 'y_shift', 'scale'].map((name) => {
    if (value[name] === undefined) throw bad(`Can't find field "${name}"`)
    if (!Number.isFinite(Number(value[name]))) throw bad(`Field "${name}" must be of type Number`)
    return [name, Number(value[name])] as const
  })
  return { point, ...Object.fromEntries(numbers) }
}

/** An InputSticker as it was written, before its file is looked at. */
export interface WrittenSticker {
  source: string
  format: StickerFormat | undefined
  emoji: string[]
  keywords: string[]
  mask: Obj | undefined
}

/** @throws bad without a prefix; callers say what could not be parsed */
export function writtenFrom(p: Params, value: unknown, otherwise: string): WrittenSticker {
  if (!isObj(value)) throw bad('InputSticker must be an Object')
  const source = str(value['sticker'])
  const attached = source.startsWith('attach://') ? source.slice('attach://'.length) : undefined
  if (source === '' || (attached !== undefined && !p.files.has(attached))) throw bad('sticker not found')
  const format = formatFrom(str(value['format']) || otherwise || missing('format'))
  return {
    source,
    format,
    emoji: emojiFrom(value['emoji_list'] ?? missing('emoji_list')),
    mask: maskFrom(value['mask_position']),
    keywords: value['keywords'] === undefined ? [] : keywordsFrom(value['keywords']),
  }
}

/**
 * Makes a sticker that belongs to no set yet.
 * @throws bad for a file that is no sticker of this type
 */
export async function stickerOf(
  world: World,
  bot: Bot,
  p: Params,
  written: WrittenSticker,
  type: StickerType,
): Promise<Sticker> {
  const { source, emoji, keywords, mask } = written
  const byAddress = /^https?:/i.test(source)
  if (byAddress && written.format === 'animated') throw bad("Animated stickers can't be uploaded by URL")
  if (byAddress && written.format === 'video') throw bad("Video stickers can't be uploaded by URL")
  checkKeywords(keywords)
  const kind = bot.files.get(source)?.kind === 'document' ? 'document' : 'sticker'
  const given = await fileOf(world, bot, p, 'sticker', kind, source)
  const format = written.format ?? formatOf(given.bytes) ?? 'static'
  checkStickerFile(given.bytes, format, type)
  const file = storeFile(world, bot, 'sticker', given)
  const sticker: Sticker = {
    format,
    emoji,
    keywords,
    ...(mask && type === 'mask' && { mask }),
    ...(type === 'custom_emoji' && { customEmojiId: queryId() }),
    files: new Map([[bot.id, file]]),
  }
  file.sticker = sticker
  return sticker
}

function missing(field: string): never {
  throw bad(`Can't find field "${field}"`)
}

/** A sticker that belongs to a set, named by its file_id. */
export function stickerNamed(bot: Bot, p: Params, field = 'sticker'): { sticker: Sticker; set: StickerSet } {
  const id = (text(p, field) ?? '').trim()
  if (id === '') throw bad('Sticker is not specified')
  const file = bot.files.get(id)
  if (!file) throw bad('Wrong sticker file specified')
  const set = file.sticker?.set
  if (!set || set.botId !== bot.id) throw bad('STICKER_INVALID')
  return { sticker: file.sticker!, set }
}

/** The server's word for a set that is not there, and for one that another bot made. */
export const GONE = 'STICKERSET_INVALID'

export function setNamed(world: World, p: Params): StickerSet {
  const name = (text(p, 'name') ?? '').trim()
  if (name === '') throw bad('Sticker set name must be non-empty')
  const set = world.stickerSets.get(name.toLowerCase())
  if (!set) throw bad(GONE)
  return set
}

export function ownSet(world: World, bot: Bot, p: Params): StickerSet {
  const set = setNamed(world, p)
  if (set.botId !== bot.id) throw bad(GONE)
  return set
}

/** The person on whose behalf a bot makes a set; they must have met the bot. */
export function ownerOf(world: World, bot: Bot, p: Params): number {
  const id = userId(p)
  if (world.bots.has(id)) throw bad('USER_IS_BOT')
  if (!world.people.has(id) || !bot.boxes.get(id)?.started) throw bad('user not found')
  return id
}

/** Says a refusal that reading a field met as one of the object that held the field. */
export function parsed<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    throw bad(`can't parse ${what}: ${error.message.replace(/^Bad Request: /, '')}`)
  }
}
