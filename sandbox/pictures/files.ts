import { crc32, deflateSync } from 'node:zlib'
import { createCanvas } from '@napi-rs/canvas'
import { drawPicture } from './draw.ts'
import type { Answer } from './frame.ts'
import type { Task } from './tasks.ts'

const SIZES: Record<string, [number, number]> = {
  '1:1': [1024, 1024],
  '3:4': [960, 1280],
  '4:3': [1280, 960],
  '9:16': [864, 1536],
  '16:9': [1536, 864],
  '2:3': [1024, 1536],
  '3:2': [1536, 1024],
  '21:9': [1536, 658],
}
const ENDLESS_BYTES = 64 * 1024 * 1024

/** The file of a finished task: a picture, or the trouble that the fate of the task asks for. */
export function answerFile(task: Task): Answer {
  const png = (body: Buffer): Answer => ({ status: 200, body, headers: { 'Content-Type': 'image/png' } })
  switch (task.fate.file) {
    case 'drawn':
      return png(draw(task))
    case 'plain':
      return png(plain())
    case 'oversize':
      // Larger than a photo may be at Telegram, where width and height together are at most 10,000.
      return png(once('oversize', () => createCanvas(9000, 3000).toBuffer('image/png')))
    case 'bomb':
      return png(once('bomb', bomb))
    case 'html':
      return {
        status: 200,
        body: '<html><script>alert(1)</script></html>',
        headers: { 'Content-Type': 'image/png' },
      }
    case 'endless':
      return png(once('endless', () => Buffer.concat([plain(), Buffer.alloc(ENDLESS_BYTES)])))
    case 'gone':
      return { status: 404, body: 'expired' }
    case 'private-redirect':
      return { status: 302, body: '', headers: { Location: 'https://169.254.169.254/latest/meta-data/' } }
    case 'private-address':
      throw new Error('its address is never on this server')
  }
}

export function draw({ prompt, id, input }: Pick<Task, 'prompt' | 'id' | 'input'>): Buffer {
  const [width, height] = SIZES[String(input.aspect_ratio ?? input.image_size)] ?? [1024, 1024]
  return drawPicture({ prompt, seed: id, width, height })
}

const kept = new Map<string, Buffer>()
function once(name: string, make: () => Buffer): Buffer {
  const bytes = kept.get(name) ?? make()
  kept.set(name, bytes)
  return bytes
}

export function plain(): Buffer {
  return once('plain', () => {
    const canvas = createCanvas(256, 256)
    const context = canvas.getContext('2d')
    context.fillStyle = '#4a6fa5'
    context.fillRect(0, 0, 256, 256)
    return canvas.toBuffer('image/png')
  })
}

/** A real, complete PNG of 900 megapixels in about 110 kB, which nobody should decode. */
function bomb(): Buffer {
  const side = 30_000
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  header[8] = 1
  const rows = Buffer.alloc((side / 8 + 1) * side)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 6 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const size = Buffer.alloc(4)
  size.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(named))
  return Buffer.concat([size, named, sum])
}
