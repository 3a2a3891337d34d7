import type { Message } from 'grammy/types'

/** The Bot API hands out files of at most 20 MB. */
export const TELEGRAM_FILE_BYTES = 20 * 1024 * 1024

/** A picture that a person gave: to be drawn from, or why it cannot be: a UserError's code. */
export type Source = { fileId: string } | { why: 'image.file-heic' | 'image.file-size' | 'image.file-type' }

const ENDINGS = /\.(jpe?g|png|webp|heic|heif|hif|avif|gif|tiff?|bmp)$/i
const TAKEN = /^image\/(jpeg|png|webp)$|\.(jpe?g|png|webp)$/i
const HEIC = /^image\/hei[cf]|\.(heic|heif|hif)$/i

/**
 * The picture in a message, as a photo or as a file. What the sender's app says of a file decides only what is refused
 * before anybody pays; the worker looks at the bytes.
 * @returns undefined when there is none: a file that is no picture is about something else
 */
export function sourceOf({ photo, document, animation }: Message): Source | undefined {
  const largest = photo?.at(-1)
  if (largest) return { fileId: largest.file_id }
  if (!document || animation) return undefined
  const { file_id: fileId, mime_type: type = '', file_name: name = '', file_size: size = 0 } = document
  const says = type.startsWith('image/') ? type : ENDINGS.test(name) ? name : undefined
  if (says === undefined) return undefined
  // iPhones name a file IMG_0001.HEIC and call it an octet stream, or the other way round.
  if (HEIC.test(type) || HEIC.test(name)) return { why: 'image.file-heic' }
  if (!TAKEN.test(says)) return { why: 'image.file-type' }
  return size > TELEGRAM_FILE_BYTES ? { why: 'image.file-size' } : { fileId }
}
