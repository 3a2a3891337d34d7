import sharp from 'sharp'
import type { Message } from 'grammy/types'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startKie } from '../../sandbox/pictures/kie.ts'
import type { Simulator } from '../../sandbox/pictures/frame.ts'
import { download } from '#shared/download.ts'
import { Rejected } from '#shared/errors.ts'
import { sourceOf } from '#shop/pictures/sources.ts'
import { prepare, prepareSource } from '#shop/pictures/worker/picture.ts'
import { pictureType } from '#shared/picture-type.ts'

let simulator: Simulator
beforeAll(async () => {
  const fates = ['bomb', 'oversize', 'html', 'plain'].map((file) => ({ prompt: file, file: file as 'bomb' }))
  simulator = await startKie({ settings: { fate: { waitMs: 0, queueMs: 0, drawMs: 0 }, fates } })
})
afterAll(() => simulator.close())

/** A file of the simulator, as the simulator makes it for a task with this prompt. */
async function fileOf(prompt: string): Promise<Buffer> {
  const reply = await fetch(`${simulator.url}/api/v1/jobs/createTask`, {
    method: 'POST',
    headers: { authorization: 'Bearer kie-sandbox-token' },
    body: JSON.stringify({ model: 'z-image', input: { prompt, aspect_ratio: '1:1' } }),
  })
  const { data } = (await reply.json()) as { data: { taskId: string } }
  const limits = { maxBytes: 32 * 1024 * 1024, timeoutMs: 60_000, allowLoopback: true }
  return download(`${simulator.url}/files/${data.taskId}.png`, limits)
}
const code = (work: Promise<unknown>) =>
  work.then(
    () => 'fine',
    (error: unknown) => (error instanceof Rejected ? error.code : error),
  )

test('a usual picture is passed on byte for byte', async () => {
  const bytes = await fileOf('plain')
  expect(await prepare(bytes)).toEqual({ bytes, type: 'image/png', shrunk: false })
})

test('F59: a picture too large for a Telegram photo is shrunk to one', async () => {
  const bytes = await fileOf('oversize')
  const ready = await prepare(bytes)
  expect(ready).toMatchObject({ type: 'image/jpeg', shrunk: true })
  expect(await sharp(ready.bytes).metadata()).toMatchObject({ width: 2560, height: 853, format: 'jpeg' })
})

test('F59: a panorama is brought to the ratio that Telegram takes', async () => {
  const options = { create: { width: 6000, height: 100, channels: 3 as const, background: '#336699' } }
  const { bytes } = await prepare(await sharp(options).png().toBuffer())
  const { width, height } = await sharp(bytes).metadata()
  expect(width / height).toBeLessThanOrEqual(20)
})

test.each([
  // The orientations of EXIF: upright, mirrored, upside down, and the five that lie on a side or are mirrored as
  // well.
  [1, 'left', 'top'],
  [2, 'right', 'top'],
  [3, 'right', 'bottom'],
  [4, 'left', 'bottom'],
  [5, 'left', 'top'],
  [6, 'right', 'top'],
  [7, 'right', 'bottom'],
  [8, 'left', 'bottom'],
])('a photo with orientation %i that is made smaller stands as it was seen', async (orientation, x, y) => {
  const bytes = await marked({ width: 9000, height: 1200, orientation })
  const ready = await prepare(bytes)
  expect(ready).toMatchObject({ type: 'image/jpeg', shrunk: true })
  const { width, height, orientation: left } = await sharp(ready.bytes).metadata()
  expect({ width, height }).toEqual(
    orientation > 4 ? { width: 341, height: 2560 } : { width: 2560, height: 341 },
  )
  expect(left ?? 1).toBe(1)
  expect(await redCorner(ready.bytes)).toEqual({ x, y })
})

test('a panorama that was held upright gets its border at the sides', async () => {
  const { bytes } = await prepare(await marked({ width: 6000, height: 100, orientation: 6 }))
  const { width, height } = await sharp(bytes).metadata()
  expect(height).toBe(2560)
  expect(height / width).toBeLessThanOrEqual(20)
})

/** A photo as cameras store it: white, its first corner red, with a note of how the camera was held. */
async function marked({
  width,
  height,
  orientation,
}: {
  width: number
  height: number
  orientation: number
}) {
  const background = { create: { width, height, channels: 3 as const, background: '#ffffff' } }
  const side = Math.min(width, height) / 4
  const corner = { create: { width: side, height: side, channels: 3 as const, background: '#ff0000' } }
  const input = await sharp(corner).png().toBuffer()
  return sharp(background)
    .composite([{ input, left: 0, top: 0 }])
    .withMetadata({ orientation })
    .jpeg()
    .toBuffer()
}

async function redCorner(bytes: Buffer) {
  const { width, height } = await sharp(bytes).metadata()
  for (const [x, left] of [
    ['left', 10],
    ['right', width - 20],
  ] as const) {
    for (const [y, top] of [
      ['top', 10],
      ['bottom', height - 20],
    ] as const) {
      const [red, green] = await sharp(bytes).extract({ left, top, width: 1, height: 1 }).raw().toBuffer()
      if (red! > 200 && green! < 60) return { x, y }
    }
  }
  return undefined
}

test('F72: a decompression bomb is refused by its header, before a pixel is decoded', async () => {
  const bytes = await fileOf('bomb')
  expect(bytes.length).toBeLessThan(1024 * 1024)
  const before = process.memoryUsage().rss
  expect(await code(prepare(bytes))).toBe('picture.pixels')
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024)
})

test('what is no picture is refused by its first bytes, whatever its server called it', async () => {
  expect(await code(prepare(await fileOf('html')))).toBe('picture.type')
  expect(await code(prepare(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')))).toBe('picture.type')
  expect(await code(prepare(Buffer.from('\x89PNG\r\n\x1a\nbroken', 'latin1')))).toBe('picture.broken')
  expect(pictureType(Buffer.from('RIFF0000WEBPVP8 ', 'latin1'))).toBe('image/webp')
})

test.each([
  [{ mime_type: 'image/jpeg' }, { fileId: 'f' }],
  [{ mime_type: 'image/png', file_size: 20 * 1024 * 1024 }, { fileId: 'f' }],
  [{ mime_type: 'image/webp', file_size: 20 * 1024 * 1024 + 1 }, { why: 'image.file-size' }],
  [{ file_name: 'Photo.JPEG' }, { fileId: 'f' }],
  [{ mime_type: 'application/octet-stream', file_name: 'IMG_1.HEIC' }, { why: 'image.file-heic' }],
  [{ mime_type: 'image/heif', file_name: 'x.jpg' }, { why: 'image.file-heic' }],
  [{ mime_type: 'image/avif' }, { why: 'image.file-type' }],
  [{ mime_type: 'image/svg+xml', file_name: 'a.svg' }, { why: 'image.file-type' }],
  // A file that is no picture is not for drawing: the message is about something else.
  [{ mime_type: 'application/pdf', file_name: 'чек.pdf' }, undefined],
  [{}, undefined],
])('a file %j is %j', (document, wanted) => {
  const message = { document: { file_id: 'f', file_unique_id: 'u', ...document } } as unknown as Message
  expect(sourceOf(message)).toEqual(wanted)
})

test('a GIF of Telegram is no source, though it comes with a file as well', () => {
  const file = { file_id: 'f', file_unique_id: 'u', mime_type: 'image/gif' }
  expect(sourceOf({ document: file, animation: file } as unknown as Message)).toBeUndefined()
})

test("a person's photo is passed on upright, and byte for byte where it is so already", async () => {
  const picture = sharp({ create: { width: 40, height: 20, channels: 3, background: '#336699' } })
  const upright = await picture.clone().jpeg().toBuffer()
  expect(await prepareSource(upright)).toEqual({ bytes: upright, type: 'image/jpeg' })
  const lying = await picture.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer()
  const { bytes, type } = await prepareSource(lying)
  expect(type).toBe('image/jpeg')
  const { width, height, orientation } = await sharp(bytes).metadata()
  expect([width, height, orientation ?? 1]).toEqual([20, 40, 1])
})

test('F72: a source that is a bomb, HEIC, empty or no picture is refused before a pixel is decoded', async () => {
  expect(await code(prepareSource(await fileOf('bomb')))).toBe('picture.pixels')
  const box = (brand: string) => Buffer.from(`\0\0\0\x18ftyp${brand}\0\0\0\0mif1${brand}`, 'latin1')
  for (const brand of ['heic', 'heix', 'hevc', 'mif1'])
    expect(await code(prepareSource(box(brand)))).toBe('picture.heic')
  expect(await code(prepareSource(box('avif')))).toBe('picture.type')
  expect(await code(prepareSource(Buffer.alloc(0)))).toBe('picture.type')
  expect(await code(prepareSource(Buffer.from([0xff, 0xd8, 0xff, 0xe0])))).toBe('picture.broken')
})

test('no HEVC is decoded by our build of libvips: if this fails, HEIC can be taken', () => {
  expect(sharp.format.heif.input.fileSuffix).toEqual(['.avif'])
})
