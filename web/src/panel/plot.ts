import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
} from 'chart.js'
import type { StatsAnswer } from '../../../src/shop/web/panel/stats.ts'

Chart.register(
  BarController,
  BarElement,
  CategoryScale,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
)

type PlotOf = StatsAnswer['plot']

/** The period is drawn in the accent colour, and the period before it behind it in grey. */
function datasets({ series, unfinished, kind }: PlotOf) {
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const colours = [colour('--accent'), '#8a94a3']
  return series.map(({ name, values }, at) => ({
    label: name,
    data: values,
    borderColor: colours[at]!,
    // Today is not over, so its bar is lighter.
    backgroundColor: values.map((_, place) =>
      unfinished && at === 0 && kind === 'bars' && place === values.length - 1
        ? `${colours[at]!}80`
        : colours[at]!,
    ),
    borderRadius: 4,
    borderWidth: kind === 'line' ? 2 : 0,
    pointRadius: values.length > 60 ? 0 : 3,
    spanGaps: false,
  }))
}

/** Draws a plot, or draws it anew without jumping when its data have changed. */
export function draw(canvas: HTMLCanvasElement, plot: PlotOf, locale: string) {
  const text = getComputedStyle(document.body).color
  const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 })
  const isRows = plot.kind === 'rows'
  const line = '#8a94a340'
  // A count of people has no fractions, so the axis shows none.
  const ticks = { color: text, ...(plot.unit === '' && { precision: 0 }) }
  const chart = new Chart<'bar' | 'line', (number | null)[], string>(canvas, {
    type: plot.kind === 'line' ? 'line' : 'bar',
    data: { labels: plot.labels, datasets: datasets(plot) },
    options: {
      ...(isStill && { animation: false }),
      indexAxis: isRows ? 'y' : 'x',
      responsive: true,
      maintainAspectRatio: false,
      color: text,
      interaction: { mode: 'index', intersect: false, axis: isRows ? 'y' : 'x' },
      scales: {
        x: { ticks: { ...ticks, maxRotation: 0 }, grid: { display: isRows, color: line } },
        y: {
          ticks: { ...ticks, autoSkip: !isRows },
          grid: { display: !isRows, color: line },
          beginAtZero: true,
        },
      },
      plugins: {
        legend: { display: plot.series.length > 1, labels: { color: text } },
        tooltip: {
          callbacks: {
            label: ({ dataset, raw }) =>
              `${dataset.label}: ${number.format(Number(raw))}${plot.unit && ` ${plot.unit}`}`,
          },
        },
      },
    },
  })
  return {
    show(next: PlotOf): void {
      chart.data.labels = next.labels
      chart.data.datasets = datasets(next)
      chart.update()
    },
    end: () => chart.destroy(),
  }
}
