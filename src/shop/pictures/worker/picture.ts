import sharp from 'sharp'
import { Rejected } from '#shared/errors.ts'
import { pictureType } from '#shared/picture-type.ts'
import type { PictureBytes, PictureType } from '../providers/port.ts'

/** Telegram takes a photo of at most 10 MB, whose width and height together are at most 10,000 and at most 20 to 1. */
const PHOTO_BYTES = 10 * 1024 * 1024
const PHOTO_SIDES = 10_000
const PHOTO_RATIO = 20
/** A larger picture is a decompression bomb. 4K at 21:9 has 20 megapixels; 80 megapixels need 320 MB of memory. */
const MAX_PIXELS = 80_000_000
/** A photo is shrunk to this longest side; Telegram itself shows no more than 2560. */
const SHRUNK_SIDE = 2560

export interface Ready {
  bytes: Buffer
  type: PictureType
  /** True when the picture was too large for a photo: then it is worth sending the original as a file. */
  shrunk: boolean
}

// One thread for each picture and no cache, because many pictures at once would otherwise multiply their memory.
sharp.concurrency(1)
sharp.cache(false)

/**
 * The brands of the files that iPhones write (HEVC in HEIF). Our build of libvips reads AVIF of that family, but not
 * HEVC.
 */
const HEIC = /^(hei[cxms]|hev[cxms]|mif1|msf1)$/

/** Whether the file is a HEIC, which its first box says. */
const isHeic = (bytes: Buffer): boolean => {
  const head = bytes.subarray(0, 12).toString('latin1')
  return head.slice(4, 8) === 'ftyp' && HEIC.test(head.slice(8))
}

/**
 * Prepares a person's photo for a model: upright, because models look at pixels and not at EXIF, and of a size that
 * providers accept.
 * @throws Rejected as `prepare`, and `picture.heic`
 */
export async function prepareSource(bytes: Buffer): Promise<PictureBytes> {
  if (isHeic(bytes)) throw new Rejected('picture.heic', 'a HEIC, which nothing here decodes')
  const { bytes: ready, type } = await prepare(bytes, { upright: true })
  return { bytes: ready, type }
}

/**
 * Prepares a picture for Telegram. The number of pixels is read from the header before anything is decoded.
 * @throws Rejected `picture.type`, `picture.pixels` or `picture.broken`
 */
export async function prepare(bytes: Buffer, { upright = false } = {}): Promise<Ready> {
  const type = pictureType(bytes)
  if (!type) throw new Rejected('picture.type', 'neither PNG nor JPEG nor WebP')
  // The sides as a viewer sees them: a turned photo stores its pixels lying, and its EXIF says how to turn it.
  const { autoOrient: seen, orientation = 1 } = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch((error: unknown) => {
      throw new Rejected('picture.broken', 'a picture that cannot be read', { cause: error })
    })
  const { width, height } = seen
  if (width * height > MAX_PIXELS) throw new Rejected('picture.pixels', `${width} x ${height} pixels`)
  const ratio = Math.max(width, height) / Math.min(width, height)
  const isTurned = upright && orientation > 1
  if (!isTurned && bytes.length <= PHOTO_BYTES && width + height <= PHOTO_SIDES && ratio <= PHOTO_RATIO) {
    return { bytes, type, shrunk: false }
  }
  const shrunk = await sharp(bytes, { limitInputPixels: MAX_PIXELS })
    // The copy carries no EXIF, so the pixels themselves are turned.
    .autoOrient()
    .resize({ width: SHRUNK_SIDE, height: SHRUNK_SIDE, fit: 'inside', withoutEnlargement: true })
    .extend(padding(width, height))
    .flatten({ background: '#ffffff' })
    .jpeg({ quality: 88 })
    .toBuffer()
    .catch((error: unknown) => {
      throw new Rejected('picture.broken', 'a picture that cannot be decoded', { cause: error })
    })
  return { bytes: shrunk, type: 'image/jpeg', shrunk: true }
}

/** A panorama longer than 20 to 1 gets a white border, which makes it 19 to 1, a little less for the rounding. */
function padding(width: number, height: number) {
  const scale = Math.min(1, SHRUNK_SIDE / Math.max(width, height))
  const [wide, high] = [width * scale, height * scale]
  const missing = (short: number, long: number) => Math.ceil(Math.max(0, long / 19 - short) / 2)
  const vertical = missing(high, wide)
  const horizontal = missing(wide, high)
  return { top: vertical, bottom: vertical, left: horizontal, right: horizontal, background: '#ffffff' }
}
