/** What a file says of itself; Telegram's server reads it where the bot does not say it. */
export interface Measures {
  duration?: number
  width?: number
  height?: number
  title?: string
  performer?: string
}

/** Reads MP4 (and M4A, MOV), OGG, MP3 and GIF. @returns nothing for what cannot be read */
export function measuresOf(bytes: Buffer): Measures {
  try {
    const start = bytes.toString('latin1', 0, 4)
    if (bytes.toString('latin1', 4, 8) === 'ftyp') return ofMp4(bytes)
    if (start === 'OggS') return ofOgg(bytes)
    if (start === 'GIF8') return ofGif(bytes)
    if (start.startsWith('ID3') || isMp3Frame(bytes, 0)) return ofMp3(bytes)
  } catch {
    // A file that ends too early says nothing.
  }
  return {}
}

/** The boxes of an MP4 between two places: where the content of each begins and ends. */
function* boxes(bytes: Buffer, from: number, to: number) {
  for (let at = from; at + 8 <= to;) {
    const short = bytes.readUInt32BE(at)
    const header = short === 1 ? 16 : 8
    const size = short === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : short === 0 ? to - at : short
    if (size < header) return
    yield { type: bytes.toString('latin1', at + 4, at + 8), from: at + header, to: Math.min(at + size, to) }
    at += size
  }
}

function ofMp4(bytes: Buffer): Measures {
  const moov = [...boxes(bytes, 0, bytes.length)].find(({ type }) => type === 'moov')
  if (!moov) return {}
  const measures: Measures = {}
  for (const box of boxes(bytes, moov.from, moov.to)) {
    if (box.type === 'mvhd') {
      const isLong = bytes[box.from] === 1
      const scale = bytes.readUInt32BE(box.from + (isLong ? 20 : 12))
      const length = isLong ? Number(bytes.readBigUInt64BE(box.from + 24)) : bytes.readUInt32BE(box.from + 16)
      if (scale > 0 && length > 0) measures.duration = length / scale
    }
    if (box.type !== 'trak') continue
    const head = [...boxes(bytes, box.from, box.to)].find(({ type }) => type === 'tkhd')
    if (head) Object.assign(measures, pictureOf(bytes, head.to))
  }
  const { duration, width } = measures
  // TDLib rounds the length of a video up.
  if (duration !== undefined) measures.duration = width ? Math.ceil(duration) : seconds(duration)
  return measures
}

/** A track ends with its matrix, its width and its height; one that lies on its side is as wide as it is high. */
function pictureOf(bytes: Buffer, end: number): Measures {
  const [width, height] = [bytes.readUInt16BE(end - 8), bytes.readUInt16BE(end - 4)]
  if (width === 0 || height === 0) return {}
  const isTurned = bytes.readInt32BE(end - 44) === 0 && bytes.readInt32BE(end - 40) !== 0
  return isTurned ? { width: height, height: width } : { width, height }
}

/** The last page of an OGG says how many samples there are: of Opus 48,000 a second, of Vorbis as many as its head says. */
function ofOgg(bytes: Buffer): Measures {
  const last = bytes.lastIndexOf('OggS')
  const samples = Number(bytes.readBigInt64LE(last + 6))
  const opus = bytes.indexOf('OpusHead')
  const vorbis = bytes.indexOf('\x01vorbis', 0, 'latin1')
  const skipped = opus >= 0 ? bytes.readUInt16LE(opus + 10) : 0
  const rate = opus >= 0 ? 48_000 : vorbis >= 0 ? bytes.readUInt32LE(vorbis + 12) : 0
  return rate > 0 && samples > skipped ? { duration: seconds((samples - skipped) / rate) } : {}
}

/** At least one second, because nothing that sounds has none. */
const seconds = (length: number) => Math.max(1, Math.round(length))

/** The size of the screen, and the sum of how long each picture is shown, in hundredths of a second. */
function ofGif(bytes: Buffer): Measures {
  let hundredths = 0
  for (let at = bytes.indexOf('\x21\xf9\x04', 0, 'latin1'); at >= 0;) {
    if (bytes[at + 7] === 0) hundredths += bytes.readUInt16LE(at + 4)
    at = bytes.indexOf('\x21\xf9\x04', at + 8, 'latin1')
  }
  return {
    width: bytes.readUInt16LE(6),
    height: bytes.readUInt16LE(8),
    ...(hundredths > 0 && { duration: seconds(hundredths / 100) }),
  }
}

const isMp3Frame = (bytes: Buffer, at: number) =>
  bytes.length > at + 4 && bytes[at] === 0xff && (bytes[at + 1]! & 0xe6) === 0xe2

/** Kilobits a second of layer III, by the number in the frame's head. */
const KILOBITS = {
  first: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  later: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
}
const SAMPLES_A_SECOND = [44_100, 48_000, 32_000]

function ofMp3(bytes: Buffer): Measures {
  const tags = bytes.toString('latin1', 0, 3) === 'ID3' ? 10 + sevenBits(bytes, 6) : 0
  const words = tags > 0 ? wordsOfId3(bytes, tags) : {}
  const at = tags
  if (!isMp3Frame(bytes, at)) return words
  const version = (bytes[at + 1]! >> 3) & 3
  const isFirst = version === 3
  const rate = SAMPLES_A_SECOND[(bytes[at + 2]! >> 2) & 3]! / (isFirst ? 1 : version === 2 ? 2 : 4)
  const head = bytes.subarray(at, at + 200)
  const counted = Math.max(head.indexOf('Xing'), head.indexOf('Info'))
  if (counted >= 0 && (head[counted + 7]! & 1) === 1) {
    const frames = head.readUInt32BE(counted + 8)
    return { ...words, duration: seconds((frames * (isFirst ? 1152 : 576)) / rate) }
  }
  const kilobits = (isFirst ? KILOBITS.first : KILOBITS.later)[bytes[at + 2]! >> 4] ?? 0
  if (kilobits === 0) return words
  return { ...words, duration: seconds(((bytes.length - at) * 8) / (kilobits * 1000)) }
}

const sevenBits = (bytes: Buffer, at: number) =>
  (bytes[at]! << 21) | (bytes[at + 1]! << 14) | (bytes[at + 2]! << 7) | bytes[at + 3]!

const ID3_FIELDS: Record<string, 'title' | 'performer'> = { TIT2: 'title', TPE1: 'performer' }

/** Title and performer of ID3v2.3 and 2.4, whose texts are in one of four encodings. */
function wordsOfId3(bytes: Buffer, end: number): Measures {
  const words: Measures = {}
  for (let at = 10; at + 10 < end && bytes[at] !== 0;) {
    const field = ID3_FIELDS[bytes.toString('latin1', at, at + 4)]
    const size = bytes[3] === 4 ? sevenBits(bytes, at + 4) : bytes.readUInt32BE(at + 4)
    const text = bytes.subarray(at + 10, at + 10 + size)
    if (field && size > 1) {
      const encoding = ['latin1', 'utf-16', 'utf-16be', 'utf-8'][text[0]!] ?? 'utf-8'
      const read = new TextDecoder(encoding).decode(text.subarray(1)).replace(/\0.*$/s, '')
      if (read !== '') words[field] = read
    }
    at += 10 + size
  }
  return words
}
