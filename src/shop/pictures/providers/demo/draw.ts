import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createCanvas, GlobalFonts, type SKRSContext2D } from '@napi-rs/canvas'
import { shorten } from '#shared/storable.ts'

export interface DemoPicture {
  prompt: string
  /** The same prompt and seed give the same picture. */
  seed: string
  width: number
  height: number
}

const fonts = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf')
GlobalFonts.registerFromPath(join(fonts, 'DejaVuSans.ttf'), 'Demo')
GlobalFonts.registerFromPath(join(fonts, 'DejaVuSans-Bold.ttf'), 'Demo Bold')

/**
 * Colours: the sky from top to horizon, then the light. The hills fade from the colour of the horizon to the last
 * one, the night.
 */
const PALETTES = [
  { sky: ['#1b1f4b', '#6a3d8a', '#f0836b', '#ffd59a'], light: '#fff1d0', hill: [58, 32, 84] },
  { sky: ['#0b2545', '#13628c', '#7cc6d6', '#eaf6e6'], light: '#ffffff', hill: [16, 62, 86] },
  { sky: ['#0a0f2c', '#1d2a6d', '#4457a8', '#9fb4e8'], light: '#f4f0d8', hill: [18, 24, 66] },
  { sky: ['#3a1c40', '#a33b63', '#f5a15d', '#ffe3a3'], light: '#fff5dc', hill: [72, 24, 60] },
  { sky: ['#07323a', '#0f7a73', '#6fcfa0', '#f2f3c2'], light: '#fffbe0', hill: [8, 66, 66] },
]

/**
 * Draws a landscape at some time of day with the prompt below it, marked as demo.
 * @returns JPEG bytes
 */
export function drawDemo({ prompt, seed, width, height }: DemoPicture): Buffer {
  const random = randomFrom(`${seed} ${prompt}`)
  const palette = PALETTES[Math.floor(random() * PALETTES.length)] ?? PALETTES[0]!
  const canvas = createCanvas(width, height)
  const context = canvas.getContext('2d')
  const horizon = height * (0.5 + random() * 0.08)

  drawSky(context, width, height, horizon, palette.sky)
  drawStars(context, width, horizon, random)
  const lightX = width * (0.25 + random() * 0.5)
  drawLight(context, lightX, horizon * (0.45 + random() * 0.3), Math.min(width, height) * 0.09, palette.light)
  drawHills(context, width, height, horizon, palette.hill, random)
  drawBirds(context, width, horizon, random)
  drawCaption(context, width, height, prompt)
  drawLabel(context, width, height)
  return canvas.toBuffer('image/jpeg', 90)
}

function drawSky(context: SKRSContext2D, width: number, height: number, horizon: number, colours: string[]) {
  const sky = context.createLinearGradient(0, 0, 0, horizon * 1.15)
  for (const [index, colour] of colours.entries()) sky.addColorStop(index / (colours.length - 1), colour)
  context.fillStyle = sky
  context.fillRect(0, 0, width, height)
}

function drawStars(context: SKRSContext2D, width: number, horizon: number, random: () => number) {
  for (let star = 0; star < 140; star++) {
    const y = random() ** 1.8 * horizon * 0.8
    context.globalAlpha = (1 - y / horizon) * (0.2 + random() * 0.7)
    context.fillStyle = '#ffffff'
    context.beginPath()
    context.arc(random() * width, y, (0.4 + random() * 1.3) * (width / 1024), 0, Math.PI * 2)
    context.fill()
  }
  context.globalAlpha = 1
}

function drawLight(context: SKRSContext2D, x: number, y: number, radius: number, colour: string) {
  const glow = context.createRadialGradient(x, y, radius * 0.6, x, y, radius * 5)
  glow.addColorStop(0, `${colour}cc`)
  glow.addColorStop(0.25, `${colour}44`)
  glow.addColorStop(1, `${colour}00`)
  context.fillStyle = glow
  context.fillRect(x - radius * 5, y - radius * 5, radius * 10, radius * 10)
  context.fillStyle = colour
  context.beginPath()
  context.arc(x, y, radius, 0, Math.PI * 2)
  context.fill()
}

function drawHills(
  context: SKRSContext2D,
  width: number,
  height: number,
  horizon: number,
  colour: number[],
  random: () => number,
) {
  const layers = 6
  for (let layer = 0; layer < layers; layer++) {
    const depth = layer / (layers - 1)
    const base = horizon + (height - horizon) * depth * 0.62
    const swing = height * (0.09 - depth * 0.035)
    const waves = Array.from({ length: 4 }, (_, index) => ({
      length: (1.2 + index * 1.7 + random()) / width,
      phase: random() * Math.PI * 2,
      swing: swing / (index * 1.4 + 1),
    }))
    const ridge = (x: number) =>
      base - waves.reduce((sum, w) => sum + Math.sin(x * w.length * Math.PI * 2 + w.phase) * w.swing, 0)
    const mist = Math.round(150 * (1 - depth) ** 1.4)
    const [red = 0, green = 0, blue = 0] = colour.map((part) => Math.round(part * (1 - depth * 0.75) + mist))
    const slope = context.createLinearGradient(0, base - swing, 0, base + height * 0.3)
    slope.addColorStop(0, `rgb(${red}, ${green}, ${blue})`)
    slope.addColorStop(1, `rgb(${red + 26}, ${green + 24}, ${blue + 30})`)
    context.fillStyle = slope
    context.beginPath()
    context.moveTo(0, height)
    for (let x = 0; x <= width + 4; x += 4) context.lineTo(x, ridge(x))
    context.lineTo(width, height)
    context.fill()
    if (depth > 0.5) drawTrees(context, width, ridge, depth, random)
  }
}

function drawTrees(
  context: SKRSContext2D,
  width: number,
  ridge: (x: number) => number,
  depth: number,
  random: () => number,
) {
  const size = width * 0.02 * depth
  for (let tree = 0; tree < 34; tree++) {
    const x = random() * width
    const top = size * (1.2 + random() * 1.6)
    const foot = ridge(x) + size * 0.3
    context.beginPath()
    context.moveTo(x, foot - top)
    context.lineTo(x + size * 0.42, foot)
    context.lineTo(x - size * 0.42, foot)
    context.fill()
  }
}

function drawBirds(context: SKRSContext2D, width: number, horizon: number, random: () => number) {
  context.strokeStyle = 'rgba(20, 20, 40, 0.55)'
  context.lineWidth = width / 640
  const flockX = width * (0.15 + random() * 0.6)
  const flockY = horizon * (0.3 + random() * 0.3)
  for (let bird = 0; bird < 7; bird++) {
    const x = flockX + random() * width * 0.16
    const y = flockY + random() * horizon * 0.14
    const span = width * (0.006 + random() * 0.006)
    context.beginPath()
    context.moveTo(x - span, y - span * 0.5)
    context.quadraticCurveTo(x - span * 0.4, y - span * 0.5, x, y)
    context.quadraticCurveTo(x + span * 0.4, y - span * 0.5, x + span, y - span * 0.5)
    context.stroke()
  }
}

function drawCaption(context: SKRSContext2D, width: number, height: number, prompt: string) {
  const margin = width * 0.06
  const size = Math.round(Math.min(width, height) * 0.042)
  context.font = `${size}px Demo`
  const lines = wrap(context, `«${prompt.replace(/\s+/g, ' ').trim()}»`, width - margin * 2, 4)
  const lineHeight = size * 1.4
  const top = height - margin - lines.length * lineHeight
  const shade = context.createLinearGradient(0, top - size * 3, 0, height)
  shade.addColorStop(0, 'rgba(8, 8, 24, 0)')
  shade.addColorStop(0.5, 'rgba(8, 8, 24, 0.62)')
  shade.addColorStop(1, 'rgba(8, 8, 24, 0.85)')
  context.fillStyle = shade
  context.fillRect(0, top - size * 3, width, height)
  context.fillStyle = '#ffffff'
  context.textBaseline = 'top'
  for (const [index, line] of lines.entries()) context.fillText(line, margin, top + index * lineHeight)
}

function drawLabel(context: SKRSContext2D, width: number, height: number) {
  const size = Math.round(Math.min(width, height) * 0.026)
  const text = 'DEMO · telekassa'
  context.font = `${size}px Demo Bold`
  const box = { width: context.measureText(text).width + size * 1.6, height: size * 2 }
  const left = width - box.width - size * 1.2
  context.fillStyle = 'rgba(255, 255, 255, 0.86)'
  context.beginPath()
  context.roundRect(left, size * 1.2, box.width, box.height, size)
  context.fill()
  context.fillStyle = '#2b2150'
  context.textBaseline = 'middle'
  context.fillText(text, left + size * 0.8, size * 1.2 + box.height / 2)
}

/**
 * Breaks lines at spaces, and inside a word only if the word is longer than a line. A text that does not fit ends in
 * an ellipsis.
 */
function wrap(context: SKRSContext2D, text: string, width: number, most: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/(?<= )/)) {
    let rest = word
    while (rest !== '') {
      const fits = context.measureText((line + rest).trimEnd()).width <= width
      if (fits) {
        line += rest
        rest = ''
      } else if (line === '') {
        let piece = shorten(rest, rest.length - 1) || rest
        while (piece.length > 2 && context.measureText(piece).width > width) {
          piece = shorten(rest, piece.length - 1)
        }
        lines.push(piece)
        rest = rest.slice(piece.length)
      } else {
        lines.push(line.trimEnd())
        line = ''
      }
    }
  }
  if (line !== '') lines.push(line.trimEnd())
  if (lines.length <= most) return lines
  const last = lines[most - 1] ?? ''
  return [...lines.slice(0, most - 1), `${shorten(last, last.length - 2)}…`]
}

/**
 * mulberry32 over a hash of the seed: it is small and gives the same numbers each time, which is all that a drawing
 * needs.
 */
function randomFrom(seed: string): () => number {
  let state = createHash('sha256').update(seed).digest().readUInt32LE(0)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
