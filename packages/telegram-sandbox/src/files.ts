import { createHash, randomBytes } from './lib/crypto.ts'
import { ApiError, bad } from './errors.ts'
import { imageSize } from './images.ts'
import { measuresOf } from './media-measures.ts'
import { text, type Obj, type Params, type Upload } from './params.ts'
import { stickerView } from './sticker-view.ts'
import type { Bot, StoredFile, World } from './store.ts'

/**
 * If all files together are larger than this, the oldest files of the first bot are dropped, then those of the
 * next bot.
 */
const MOST_BYTES = 256 * 1024 * 1024
/** Photos come in several sizes, the largest last; this is the longer side of the small one. */
const PREVIEW_PIXELS = 320
const MEBIBYTE = 1024 * 1024

const FOLDERS: Record<string, string> = { photo: 'photos', video: 'videos', animation: 'animations' }

/** Keeps a file for one bot: its file_id means nothing to any other bot. */
export function storeFile(world: World, bot: Bot, kind: string, upload: Upload): StoredFile {
  const size = imageSize(upload.bytes)
  const hash = createHash('sha1').update(upload.bytes).digest('base64url').slice(0, 16)
  const extension = /\.\w{1,8}$/.exec(upload.name)?.[0] ?? (kind === 'photo' ? '.jpg' : '')
  const file: StoredFile = {
    id: newId(bot, kind),
    uniqueId: `AQAD${hash}`,
    kind,
    name: upload.name || `${kind}${extension}`,
    type: upload.type,
    bytes: upload.bytes,
    width: size?.width ?? 0,
    height: size?.height ?? 0,
    path: `${FOLDERS[kind] ?? 'documents'}/file_${bot.lastFile++}${extension}`,
  }
  if (kind === 'photo' && Math.max(file.width, file.height) > PREVIEW_PIXELS) {
    file.preview = { ...scaled(file), id: newId(bot, kind), uniqueId: `${file.uniqueId}m` }
    keep(world, bot, file.preview)
  }
  keep(world, bot, file)
  for (const owner of world.bots.values())
    for (const [id, old] of owner.files) {
      if (world.fileBytes <= MOST_BYTES) break
      owner.files.delete(id)
      world.fileBytes -= old.bytes.length
    }
  return file
}

const newId = (bot: Bot, kind: string) => {
  const owner = Buffer.from(`${bot.id}:`).toString('base64url')
  return `${kind === 'photo' ? 'AgAC' : 'BQAC'}${owner}${randomBytes(18).toString('base64url')}`
}

/** The smaller size of a photo. Only its width and height are smaller: its bytes are those of the whole photo. */
function scaled(file: StoredFile): StoredFile {
  const by = PREVIEW_PIXELS / Math.max(file.width, file.height)
  return {
    ...file,
    width: Math.max(1, Math.round(file.width * by)),
    height: Math.max(1, Math.round(file.height * by)),
    path: file.path.replace('/file_', '/preview_'),
  }
}

function keep(world: World, bot: Bot, file: StoredFile): void {
  bot.files.set(file.id, file)
  world.fileBytes += file.bytes.length
}

/** The file an argument names: `attach://`, an upload of that name, a url to download, or a file_id of this bot. */
export async function fileOf(
  world: World,
  bot: Bot,
  p: Params,
  field: string,
  kind: string,
  value = text(p, field),
): Promise<StoredFile> {
  const attached = value?.startsWith('attach://') ? value.slice('attach://'.length) : undefined
  const upload = p.files.get(attached ?? field)
  if (upload) return accept(world, bot, kind, upload)
  if (attached !== undefined || !value) throw bad(`there is no ${kind} in the request`)
  if (/^https?:\/\//i.test(value)) return accept(world, bot, kind, await download(value, kind))
  const known = bot.files.get(value)
  if (known) {
    if (known.kind !== kind) throw bad(`can't use file of type ${capital(known.kind)} as ${capital(kind)}`)
    return known
  }
  if (!/^[A-Za-z0-9_-]{20,}$/.test(value))
    throw bad('wrong remote file identifier specified: Wrong string length')
  throw bad('wrong file_id or the file is temporarily unavailable')
}

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1)

function accept(world: World, bot: Bot, kind: string, upload: Upload): StoredFile {
  if (upload.bytes.length === 0) throw bad('file must be non-empty')
  if (kind !== 'photo') return storeFile(world, bot, kind, upload)
  if (upload.bytes.length > 10 * MEBIBYTE) throw bad('file is too big for a photo')
  const size = imageSize(upload.bytes)
  if (!size) throw bad('IMAGE_PROCESS_FAILED')
  const { width, height } = size
  if (width + height > 10_000 || width > 20 * height || height > 20 * width)
    throw bad('PHOTO_INVALID_DIMENSIONS')
  return storeFile(world, bot, kind, upload)
}

/** Telegram fetches urls itself: at most 5 MB for photos, 20 MB for the rest. */
async function download(url: string, kind: string): Promise<Upload> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) })
    if (!response.ok) throw new Error(`status ${response.status}`)
    const type = response.headers.get('content-type')?.split(';')[0] ?? 'application/octet-stream'
    const bytes = Buffer.from(await response.arrayBuffer())
    if (bytes.length > (kind === 'photo' ? 5 : 20) * MEBIBYTE) throw new Error('too big')
    if (type.startsWith('text/html') || (kind === 'photo' && !imageSize(bytes)))
      throw bad('wrong type of the web page content')
    return { name: new URL(url).pathname.split('/').pop() || 'file', type, bytes }
  } catch (error) {
    if (error instanceof ApiError) throw error
    throw bad('failed to get HTTP URL content')
  }
}

const MEASURED = ['video', 'animation', 'audio', 'voice', 'video_note']

/** The part of a message that shows this file, as the Bot API has it. */
export function mediaFields(file: StoredFile): Obj {
  const base = { file_id: file.id, file_unique_id: file.uniqueId, file_size: file.bytes.length }
  const shape = { width: file.width, height: file.height }
  const named = { file_name: file.name, mime_type: file.type }
  const read = (file.measures ??= MEASURED.includes(file.kind) ? measuresOf(file.bytes) : {})
  const { duration = 1, width, height, ...words } = read
  const picture = { width: width || 320, height: height || 240 }
  switch (file.kind) {
    case 'photo':
      return { photo: [...(file.preview ? [sizeOf(file.preview)] : []), { ...base, ...shape }] }
    case 'video':
      return { video: { ...base, ...picture, duration, ...named } }
    case 'animation':
      return { animation: { ...base, ...picture, duration, ...named }, document: { ...base, ...named } }
    case 'audio':
      return { audio: { ...base, duration, ...words, ...named } }
    case 'voice':
      return { voice: { ...base, duration, mime_type: 'audio/ogg' } }
    case 'video_note':
      return { video_note: { ...base, length: read.width ?? 240, duration } }
    case 'sticker':
      return { sticker: stickerView(file) }
    default:
      return { document: { ...base, ...named } }
  }
}

const sizeOf = (file: StoredFile): Obj => ({
  file_id: file.id,
  file_unique_id: file.uniqueId,
  file_size: file.bytes.length,
  width: file.width,
  height: file.height,
})
