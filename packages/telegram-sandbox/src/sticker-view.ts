import { imageSize } from './images.ts'
import type { Obj } from './params.ts'
import type { StickerFormat } from './stickers.ts'
import type { StoredFile } from './store.ts'

/** One side of a sticker has this many pixels; both sides of a custom emoji have a hundred. */
export const SIDE = 512
export const CUSTOM_EMOJI_SIDE = 100

/** What the bytes are: gzip is TGS, EBML is WEBM, everything else an image or nothing. */
export function formatOf(bytes: Buffer): StickerFormat | undefined {
  if (bytes.length > 2 && bytes.readUInt16BE(0) === 0x1f8b) return 'animated'
  if (bytes.length > 4 && bytes.readUInt32BE(0) === 0x1a45dfa3) return 'video'
  return imageSize(bytes) ? 'static' : undefined
}

/** A sticker as the Bot API shows it. */
export function stickerView(file: StoredFile): Obj {
  const { sticker } = file
  const format = sticker?.format ?? formatOf(file.bytes) ?? 'static'
  const type = sticker?.set?.type ?? 'regular'
  const side = type === 'custom_emoji' ? CUSTOM_EMOJI_SIDE : SIDE
  return {
    width: file.width || side,
    height: file.height || side,
    ...(sticker?.emoji[0] && { emoji: sticker.emoji[0] }),
    ...(sticker?.set && { set_name: sticker.set.name }),
    is_animated: format === 'animated',
    is_video: format === 'video',
    type,
    ...(sticker?.mask && { mask_position: sticker.mask }),
    ...(sticker?.customEmojiId && { custom_emoji_id: sticker.customEmojiId }),
    ...(sticker?.set?.repainted && { needs_repainting: true }),
    file_id: file.id,
    file_unique_id: file.uniqueId,
    file_size: file.bytes.length,
  }
}
