import type { Message } from 'grammy/types'

/** The Bot API hands out files of at most 20 MB. */
export const TELEGRAM_FILE_BYTES = 20 * 1024 * 1024

/** A picture that a person sent as input, or the code of the UserError that says why it cannot be one. */
export type Source = { fileId: string } | { why: 'image.file-heic' | 'image.file-size' | 'image.file-type' }

const ENDINGS = /\.(jpe?g|png|webp|heic|heif|hif|avif|gif|tiff?|bmp)$/i
const TAKEN = /^image\/(jpeg|png|webp)$|\.(jpe?g|png|webp)$/i
const HEIC = /^image\/hei[cf]|\.(heic|heif|hif)$/i

/**
 * Finds the picture in a message, sent as a photo or as a file. The type that the sender's app names only helps to
 * refuse a file before anybody pays; the worker looks at the bytes.
 * @returns undefined when the message has no picture: a file of another kind is about something else
 */
export function sourceOf({ photo, document, animation }: Message): Source | undefined {
  const largest = photo?.at(-1)
  if (largest) return { fileId: largest.file_id }
  if (!document || animation) return undefined
  const { file_id: fileId, mime_type: type = '', file_name: name = '', file_size: size = 0 } = document
  const says = type.startsWith('image/') ? type : ENDINGS.test(name) ? name : undefined
  if (says === undefined) return undefined
  // iPhones send a file IMG_0001.HEIC with the type of an octet stream, or a file of another name with the type of a
  // HEIC.
  if (HEIC.test(type) || HEIC.test(name)) return { why: 'image.file-heic' }
  if (!TAKEN.test(says)) return { why: 'image.file-type' }
  return size > TELEGRAM_FILE_BYTES ? { why: 'image.file-size' } : { fileId }
}
