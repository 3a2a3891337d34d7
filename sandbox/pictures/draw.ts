import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createCanvas, GlobalFonts, type SKRSContext2D } from '@napi-rs/canvas'

const fonts = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf')
GlobalFonts.registerFromPath(join(fonts, 'DejaVuSans.ttf'), 'Sandbox')
GlobalFonts.registerFromPath(join(fonts, 'DejaVuSans-Bold.ttf'), 'Sandbox Bold')

/**
 * Draws a planet in space with the prompt below it, marked as a sandbox's.
 * @returns the bytes of a PNG
 */
export function drawPicture(picture: {
  prompt: string
  seed: string
  width: number
  height: number
}): Buffer {
  const { width, height } = picture
  const numbers = createHash('sha512').update(`${picture.seed} ${picture.prompt}`).digest()
  const pick = (index: number) => (numbers[index % numbers.length] ?? 0) / 255
  const hue = Math.floor(pick(0) * 360)
  const canvas = createCanvas(width, height)
  const context = canvas.getContext('2d')
  const unit = Math.min(width, height)

  const sky = context.createLinearGradient(0, 0, width * 0.4, height)
  sky.addColorStop(0, `hsl(${hue}, 55%, 12%)`)
  sky.addColorStop(1, `hsl(${(hue + 60) % 360}, 60%, 6%)`)
  context.fillStyle = sky
  context.fillRect(0, 0, width, height)
  for (let cloud = 0; cloud < 7; cloud++) {
    const [x, y] = [pick(cloud * 3 + 1) * width, pick(cloud * 3 + 2) * height]
    const radius = unit * (0.25 + pick(cloud * 3 + 3) * 0.4)
    const mist = context.createRadialGradient(x, y, 0, x, y, radius)
    mist.addColorStop(0, `hsla(${(hue + cloud * 40) % 360}, 75%, 55%, 0.22)`)
    mist.addColorStop(1, 'hsla(0, 0%, 0%, 0)')
    context.fillStyle = mist
    context.fillRect(0, 0, width, height)
  }
  context.fillStyle = '#ffffff'
  for (let star = 0; star < 220; star++) {
    const spot = createHash('md5').update(`${picture.seed} ${star}`).digest()
    context.globalAlpha = 0.25 + (spot[4] ?? 0) / 340
    const size = (unit / 1024) * (0.5 + (spot[5] ?? 0) / 130)
    context.fillRect(
      (spot.readUInt16LE(0) / 65536) * width,
      (spot.readUInt16LE(2) / 65536) * height,
      size,
      size,
    )
  }
  context.globalAlpha = 1
  drawPlanet(context, width * (0.4 + pick(40) * 0.2), height * 0.4, unit * (0.2 + pick(41) * 0.06), hue)
  drawText(context, width, height, picture.prompt)
  return canvas.toBuffer('image/png')
}

function drawPlanet(context: SKRSContext2D, x: number, y: number, radius: number, hue: number) {
  const ring = (from: number, to: number) => {
    context.strokeStyle = `hsla(${(hue + 190) % 360}, 60%, 78%, 0.75)`
    context.lineWidth = radius * 0.09
    for (const distance of [1.55, 1.75]) {
      context.beginPath()
      context.ellipse(x, y, radius * distance, radius * distance * 0.3, -0.35, from, to)
      context.stroke()
    }
  }
  ring(Math.PI, Math.PI * 2)
  const body = context.createRadialGradient(
    x - radius * 0.4,
    y - radius * 0.4,
    radius * 0.1,
    x,
    y,
    radius * 1.05,
  )
  body.addColorStop(0, `hsl(${(hue + 150) % 360}, 75%, 78%)`)
  body.addColorStop(0.6, `hsl(${(hue + 170) % 360}, 60%, 48%)`)
  body.addColorStop(1, `hsl(${(hue + 190) % 360}, 65%, 14%)`)
  context.fillStyle = body
  context.beginPath()
  context.arc(x, y, radius, 0, Math.PI * 2)
  context.fill()
  ring(0, Math.PI)
}

function drawText(context: SKRSContext2D, width: number, height: number, prompt: string) {
  const size = Math.round(Math.min(width, height) * 0.04)
  const shade = context.createLinearGradient(0, height - size * 7, 0, height)
  shade.addColorStop(0, 'rgba(0, 0, 0, 0)')
  shade.addColorStop(1, 'rgba(0, 0, 0, 0.85)')
  context.fillStyle = shade
  context.fillRect(0, height - size * 7, width, size * 7)
  context.font = `${size}px Sandbox`
  context.fillStyle = '#ffffff'
  const most = width - size * 3
  const lines: string[] = ['']
  for (const word of prompt.replace(/\s+/g, ' ').slice(0, 200).split(' ')) {
    const longer = `${lines.at(-1)} ${word}`.trim()
    if (context.measureText(longer).width <= most) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  for (const [index, line] of lines.slice(0, 3).entries()) {
    const below = Math.min(lines.length, 3) - 1 - index
    context.fillText(line, size * 1.5, height - size * (1.5 + below * 1.4), most)
  }
  context.font = `${Math.round(size * 0.65)}px Sandbox Bold`
  context.globalAlpha = 0.8
  context.fillText('SANDBOX · SIMULATED MODEL', size * 1.5, size * 1.8)
  context.globalAlpha = 1
}
