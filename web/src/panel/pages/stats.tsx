import { useEffect, useRef, useState } from 'preact/hooks'
import type { StatsAnswer } from '../../../../src/shop/web/panel/stats.ts'
import { useLive } from '../../live.ts'
import { Loaded } from '../../ui.tsx'
import { written } from '../../languages.ts'
import { saveCsv } from '../csv.ts'
import { Go, PanelPage } from '../parts.tsx'
import { go } from '../router.ts'
import type { Place } from '../router.ts'
import { say } from '../words.ts'

/** Each open page costs totals and a count of today, and people buy more often than anybody reads a plot. */
const REST_MS = 30_000

/** Shows one question of statistics at a time. Which question, for how long and for which bot stands in the address. */
export function Stats({ place }: { place: Place }) {
  const query = place.filters.toString()
  const live = useLive<StatsAnswer>(`/stats${query && `?${query}`}`, REST_MS)
  const w = say()
  const chosen = (name: string) => place.filters.get(name) ?? ''
  const at = (name: string, value: string) => {
    const next = new URLSearchParams(place.filters)
    next.set(name, value)
    return `stats?${next}`
  }
  return (
    <PanelPage title={live.data?.title ?? w.stats}>
      <Loaded live={live}>
        {(stats) => (
          <>
            <nav class="tabs" aria-label={w.stats}>
              {stats.questions.map(([question, title]) => (
                <Go
                  key={question}
                  to={at('question', question)}
                  aria-current={(chosen('question') || 'revenue') === question ? 'page' : undefined}
                >
                  {title}
                </Go>
              ))}
            </nav>
            <div class="filters">
              {stats.periods.length > 0 && (
                <Choice
                  title={w.period}
                  value={chosen('days') || '30'}
                  options={stats.periods}
                  choose={(value) => go(at('days', value))}
                />
              )}
              {stats.bots.length > 0 && (
                <Choice
                  title={w.ofBot}
                  value={chosen('bot')}
                  options={[['', w.thisBot], ...(stats.bots as [string, string][])]}
                  choose={(value) => go(at('bot', value))}
                />
              )}
            </div>
            <section class="card">
              {stats.total !== null && (
                <p class="total">
                  <strong>{stats.total}</strong>{' '}
                  {stats.delta && (
                    <span data-rising={stats.delta.rising}>
                      {stats.delta.rising ? '▲' : '▼'} {stats.delta.text}
                    </span>
                  )}
                </p>
              )}
              <p class="note">{stats.hint}</p>
              <Plot key={query} stats={stats} />
            </section>
            <div class="tools">
              <h2>{w.table}</h2>
              <button
                type="button"
                class="link"
                onClick={() => saveCsv(stats.title, [stats.columns, ...stats.rows])}
              >
                {w.csv}
              </button>
            </div>
            <div class="wide" role="region" aria-label={w.table} tabIndex={0}>
              <table>
                <thead>
                  <tr>
                    {stats.columns.map((title, place) => (
                      <th key={place} scope="col">
                        {title}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {stats.rows.map((cells) => (
                    <tr key={cells[0]}>
                      {cells.map((cell, place) => (
                        <td key={place}>{cell}</td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </>
        )}
      </Loaded>
    </PanelPage>
  )
}

function Choice({
  title,
  value,
  options,
  choose,
}: {
  title: string
  value: string
  options: [value: string, title: string][]
  choose: (value: string) => void
}) {
  return (
    <label>
      <small>{title}</small>
      <select value={value} onChange={({ currentTarget }) => choose(currentTarget.value)}>
        {options.map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}

type Drawing = { show(plot: StatsAnswer['plot']): void; end(): void }

/** The library that draws is loaded when somebody looks at statistics, and with no other page. */
function Plot({ stats: { title, plot } }: { stats: StatsAnswer }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [drawing, setDrawing] = useState<Drawing>()
  const w = say()
  useEffect(() => {
    let made: Drawing | undefined
    let isOver = false
    import('../plot.ts').then(
      ({ draw }) => {
        if (isOver || !canvas.current) return
        made = draw(canvas.current, plot, written().locale)
        setDrawing(made)
      },
      () => {},
    )
    return () => {
      isOver = true
      made?.end()
    }
  }, [])
  useEffect(() => drawing?.show(plot), [drawing, plot])
  const isEmpty = plot.series.every(({ values }) => values.every((value) => !value))
  return (
    <>
      {isEmpty && <p>{w.empty}</p>}
      <div class="plot" data-kind={plot.kind} data-drawn={drawing !== undefined} hidden={isEmpty}>
        <canvas ref={canvas} role="img" aria-label={`${title}. ${w.plotHint}`} />
      </div>
    </>
  )
}
