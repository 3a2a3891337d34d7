import { numberFormat } from '#shared/i18n/intl.ts'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { GlobalFonts, createCanvas } from '@napi-rs/canvas'
import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  type ChartItem,
  LineController,
  LineElement,
  LinearScale,
  PointElement,
} from 'chart.js'
import { shorten } from '#shared/storable.ts'

/** The answer to one statistical question: a number, and how it came about. */
export interface StatisticsChart {
  title: string
  /** The number, as text. */
  number: string
  /** The difference to the period before, as text; `rising` decides its colour. */
  delta?: { text: string; rising: boolean }
  /** Period, bot and time zone. */
  footer: string
  kind: 'bars' | 'line' | 'rows'
  labels: string[]
  values: number[]
  /** The last bar is an unfinished day and is hatched, because it will grow. */
  unfinished?: boolean
  /** How numbers on the axes are written. */
  language: string
  /** This text is shown instead of an empty chart. */
  empty: string
}

/** Legible on a phone that shows it 360 px wide: the smallest letters are 30 px of 1080. */
const WIDTH = 1080
const HEIGHT = 1080
const PAD = 64
const CHART_TOP = 330
/** The number has this font size if it fits beside its difference. The gap between them follows. */
const NUMBER_SIZE = 104
const GAP = 36
/** Characters of a row's name and number that leave half of the width to its bar. */
const ROW_LABEL = 26
const FONT = 'DejaVu Sans'
const INK = '#17202e'
const QUIET = '#66707f'
const BLUE = '#2f7de1'
const GREEN = '#1d8a4b'
const RED = '#c5352f'

let ready = false

/** The machine may have no fonts, so the shop brings its own. */
function prepare(): void {
  if (ready) return
  const folder = dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json'))
  for (const name of ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf']) {
    GlobalFonts.registerFromPath(join(folder, 'ttf', name), FONT)
  }
  Chart.register(
    BarController,
    BarElement,
    CategoryScale,
    LineController,
    LineElement,
    LinearScale,
    PointElement,
  )
  ready = true
}

/**
 * Draws a chart.
 * @returns PNG
 */
export async function drawPicture(picture: StatisticsChart): Promise<Buffer> {
  prepare()
  const canvas = createCanvas(WIDTH, HEIGHT)
  const ctx = canvas.getContext('2d')
  ctx.fillStyle = '#ffffff'
  ctx.fillRect(0, 0, WIDTH, HEIGHT)
  const write = (text: string, x: number, y: number, size: number, color: string, bold = false) => {
    ctx.font = `${bold ? 'bold ' : ''}${size}px "${FONT}"`
    ctx.fillStyle = color
    ctx.fillText(text, x, y)
    return ctx.measureText(text).width
  }
  write(picture.title, PAD, 110, 44, QUIET)
  const delta = picture.delta && `${picture.delta.rising ? '▲' : '▼'} ${picture.delta.text}`
  ctx.font = `bold 44px "${FONT}"`
  const room = WIDTH - 2 * PAD - (delta ? ctx.measureText(delta).width + GAP : 0)
  ctx.font = `bold ${NUMBER_SIZE}px "${FONT}"`
  const size = Math.floor(NUMBER_SIZE * Math.min(1, room / ctx.measureText(picture.number).width))
  const width = write(picture.number, PAD, 230, size, INK, true)
  if (delta) write(delta, PAD + width + GAP, 230, 44, picture.delta!.rising ? GREEN : RED, true)
  write(picture.footer, PAD, HEIGHT - 48, 32, QUIET)
  if (picture.values.every((value) => value === 0)) {
    write(picture.empty, PAD, CHART_TOP + 280, 40, QUIET)
  } else {
    ctx.drawImage(drawChart(picture), PAD - 20, CHART_TOP)
  }
  return await canvas.encode('png')
}

/** A row shows its number, because the bar of a small value beside a large one is invisible. */
function rowLabel(name: string, value: number, language: string): string {
  const number = numberFormat(language, { maximumFractionDigits: 1 }).format(value)
  const room = ROW_LABEL - 3 - number.length
  return `${name.length > room ? `${shorten(name, room - 1)}…` : name} · ${number}`
}

/** Stripes in the colour of the bars, slanting one way. */
function hatching() {
  const tile = createCanvas(20, 20)
  const ctx = tile.getContext('2d')
  ctx.fillStyle = '#dbe8fa'
  ctx.fillRect(0, 0, 20, 20)
  ctx.strokeStyle = BLUE
  ctx.lineWidth = 6
  for (const from of [-20, 0, 20]) {
    ctx.beginPath()
    ctx.moveTo(from - 5, 25)
    ctx.lineTo(from + 25, -5)
    ctx.stroke()
  }
  return createCanvas(1, 1).getContext('2d').createPattern(tile, 'repeat')
}

function drawChart({ kind, labels, values, language, unfinished }: StatisticsChart) {
  const canvas = createCanvas(WIDTH - 2 * PAD + 40, HEIGHT - CHART_TOP - 130)
  const font = { family: FONT, size: 30 }
  const grid = { color: '#e4e8ee', lineWidth: 2 }
  new Chart(canvas.getContext('2d') as unknown as ChartItem, {
    type: kind === 'line' ? 'line' : 'bar',
    data: {
      labels: kind === 'rows' ? labels.map((name, at) => rowLabel(name, values[at]!, language)) : labels,
      datasets: [
        {
          data: values,
          backgroundColor:
            kind === 'bars' && unfinished
              ? values.map((_, at) => (at < values.length - 1 ? BLUE : hatching()))
              : BLUE,
          borderColor: BLUE,
          borderWidth: kind === 'line' ? 7 : 0,
          borderRadius: 8,
          pointRadius: values.length > 40 ? 0 : 7,
          pointBackgroundColor: BLUE,
          tension: 0.25,
          maxBarThickness: 64,
        } as never,
      ],
    },
    options: {
      animation: false,
      locale: language,
      responsive: false,
      devicePixelRatio: 1,
      indexAxis: kind === 'rows' ? 'y' : 'x',
      layout: { padding: { top: 16, right: 24 } },
      scales: {
        x: {
          beginAtZero: true,
          grid: kind === 'rows' ? grid : { display: false },
          border: { display: false },
          ticks: { font, color: QUIET, maxRotation: 0, autoSkip: true, maxTicksLimit: 7 },
        },
        y: {
          beginAtZero: true,
          grid: kind === 'rows' ? { display: false } : grid,
          border: { display: false },
          ticks: {
            font,
            color: kind === 'rows' ? INK : QUIET,
            maxTicksLimit: kind === 'rows' ? 12 : 6,
            precision: 0,
          },
        },
      },
    },
  })
  return canvas
}
