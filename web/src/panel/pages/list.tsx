import { useState } from 'preact/hooks'
import type { ListAnswer } from '../../../../src/shop/web/panel/list.ts'
import { useLive } from '../../live.ts'
import type { Live } from '../../live.ts'
import { Act, Loaded, withoutSign } from '../../ui.tsx'
import { act } from '../confirm.tsx'
import { saveFile } from '../api.ts'
import { saveCsv } from '../csv.ts'
import { Go, PanelPage } from '../parts.tsx'
import { go } from '../router.ts'
import type { Place } from '../router.ts'
import { say } from '../words.ts'

/**
 * Any list of the panel: its filters stand in the address, its columns can be left out, and what it shows can be
 * saved.
 */
export function List({ place }: { place: Place }) {
  const query = place.filters.toString()
  const live = useLive<ListAnswer>(`/lists/${place.page}${query && `?${query}`}`)
  const title = live.data ? withoutSign(live.data.title) : say().loadingList
  return (
    <PanelPage title={title}>
      <Loaded live={live}>
        {(list) => <Shown key={query} place={place} list={list} live={live} title={title} />}
      </Loaded>
    </PanelPage>
  )
}

function Shown({
  place,
  list,
  live,
  title,
}: {
  place: Place
  list: ListAnswer
  live: Live<ListAnswer>
  title: string
}) {
  const w = say()
  const kept = `telekassa-columns-${place.page}`
  const [hidden, setHidden] = useState<string[]>(
    () => JSON.parse(localStorage.getItem(kept) ?? '[]') as string[],
  )
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const columns = list.columns.map((name, at) => ({ name, at })).filter(({ name }) => !hidden.includes(name))
  const hide = (next: string[]) => {
    localStorage.setItem(kept, JSON.stringify(next))
    setHidden(next)
  }
  const choose = (ids: string[], isChosen: boolean) => {
    const next = new Set(chosen)
    for (const id of ids)
      if (isChosen) next.add(id)
      else next.delete(id)
    setChosen(next)
  }
  const page = (after: string | null) => {
    const next = new URLSearchParams(place.filters)
    next.delete('after')
    if (after !== null) next.set('after', after)
    return `${place.page}${next.size > 0 ? `?${next}` : ''}`
  }
  const ids = list.rows.map(({ id }) => id)
  const picked = list.rows.filter(({ id }) => chosen.has(id))
  // The chosen rows are saved, or all when none is chosen.
  const saved = picked.length > 0 ? picked : list.rows
  return (
    <>
      {list.filters.length > 0 && <Filters place={place} list={list} />}
      <div class="tools">
        {list.make && (
          <Go to={list.make.opens} class="key primary">
            {list.make.title}
          </Go>
        )}
        <details>
          <summary>{w.columns}</summary>
          {list.columns.map((name) => (
            <label key={name}>
              <input
                type="checkbox"
                checked={!hidden.includes(name)}
                onChange={({ currentTarget: { checked } }) =>
                  hide(checked ? hidden.filter((one) => one !== name) : [...hidden, name])
                }
              />
              {name}
            </label>
          ))}
        </details>
        <button
          type="button"
          class="link"
          onClick={() =>
            saveCsv(title, [
              columns.map(({ name }) => name),
              ...saved.map(({ cells }) => columns.map(({ at }) => cells[at] ?? '')),
            ])
          }
        >
          {saved.length < list.rows.length ? w.csvChosen : w.csv}
        </button>
        {list.isFile && (
          <Act kind="link" run={() => saveFile(title, `/files/${place.page}${withoutPage(place.filters)}`)}>
            {w.csvAll}
          </Act>
        )}
      </div>
      {list.rows.length === 0 ? (
        <p class="note">{w.empty}</p>
      ) : (
        <div class="wide" role="region" aria-label={title} tabIndex={0}>
          <table>
            <thead>
              <tr>
                {list.acts.length > 0 && (
                  <th>
                    <input
                      type="checkbox"
                      aria-label={w.chooseAll}
                      checked={ids.every((id) => chosen.has(id))}
                      onChange={({ currentTarget: { checked } }) => choose(ids, checked)}
                    />
                  </th>
                )}
                {columns.map(({ name }) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {list.rows.map(({ id, opens, cells }) => (
                <tr key={id}>
                  {list.acts.length > 0 && (
                    <td>
                      <input
                        type="checkbox"
                        aria-label={`${w.choose} ${cells[0]}`}
                        checked={chosen.has(id)}
                        onChange={({ currentTarget: { checked } }) => choose([id], checked)}
                      />
                    </td>
                  )}
                  {columns.map(({ name, at }, place) => (
                    <td key={name}>
                      {place === 0 && opens !== null ? <Go to={opens}>{cells[at]}</Go> : cells[at]}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {list.acts.length > 0 && (
        <Many
          list={list}
          chosen={list.rows.filter(({ id }) => chosen.has(id))}
          over={() => {
            setChosen(new Set())
            live.reload()
          }}
        />
      )}
      <div class="tools">
        {place.filters.has('after') && <Go to={page(null)}>{w.toFirst}</Go>}
        {list.next !== null && <Go to={page(list.next)}>{w.nextPage}</Go>}
      </div>
    </>
  )
}

/** The filters without the page, because a file holds all pages. */
function withoutPage(filters: URLSearchParams): string {
  const given = new URLSearchParams(filters)
  given.delete('after')
  return given.size > 0 ? `?${given}` : ''
}

function Filters({ place, list }: { place: Place; list: ListAnswer }) {
  const w = say()
  return (
    <form
      class="filters"
      onSubmit={(event) => {
        event.preventDefault()
        const given = new FormData(event.currentTarget)
        const next = new URLSearchParams()
        for (const [name, value] of given)
          if (typeof value === 'string' && value !== '') next.set(name, value)
        go(`${place.page}${next.size > 0 ? `?${next}` : ''}`)
      }}
    >
      {list.filters.map(({ name, title, value, options }) => (
        <label key={name}>
          <small>{title}</small>
          {options ? (
            <select
              name={name}
              value={value}
              onChange={({ currentTarget }) => currentTarget.form?.requestSubmit()}
            >
              <option value="">{w.any}</option>
              {options.map(([one, text]) => (
                <option key={one} value={one}>
                  {text}
                </option>
              ))}
            </select>
          ) : (
            <input name={name} value={value} />
          )}
        </label>
      ))}
      <button type="submit" class="key">
        {w.filter}
      </button>
    </form>
  )
}

type ManyAct = ListAnswer['acts'][number]

/** Acts on the chosen rows, one after another. Each row says for itself how it went. */
function Many({ list, chosen, over }: { list: ListAnswer; chosen: ListAnswer['rows']; over: () => void }) {
  const w = say()
  const [report, setReport] = useState<{ id: string; what: string; outcome: string; isDone: boolean }[]>([])
  const [choices, setChoices] = useState<Record<string, string>>({})
  const run = async (one: ManyAct) => {
    if (one.ask !== null && !confirm(`${one.ask}\n${chosen.length}`)) return
    const choice = one.choice && { [one.choice.name]: choices[one.path] ?? one.choice.options[0]![0] }
    const lines: typeof report = []
    for (const { id, cells } of chosen) {
      const what = cells.filter(Boolean).slice(0, 2).join(' · ')
      try {
        const { said } = await act<{ said: string }>(
          one.path.replace(/:\w+/, encodeURIComponent(id)),
          choice ?? {},
        )
        lines.push({ id, what, outcome: said, isDone: true })
      } catch (error) {
        lines.push({ id, what, outcome: (error as Error).message, isDone: false })
      }
      setReport([...lines])
    }
    over()
  }
  return (
    <>
      {list.rows.length > 0 && (
        <div class="tools acts">
          <span role="status">
            {w.chosen}: {chosen.length}
            {list.next !== null && chosen.length === list.rows.length && `, ${w.pageOnly}`}
          </span>
          {list.acts.map((one) => (
            <span key={one.path} class="tools">
              {one.choice && (
                <select
                  aria-label={one.title}
                  onChange={({ currentTarget: { value } }) => setChoices({ ...choices, [one.path]: value })}
                >
                  {one.choice.options.map(([value, text]) => (
                    <option key={value} value={value}>
                      {text}
                    </option>
                  ))}
                </select>
              )}
              <Act kind={`key ${one.kind}`} disabled={chosen.length === 0} run={() => run(one)}>
                {withoutSign(one.title)}
              </Act>
            </span>
          ))}
        </div>
      )}
      {report.length > 0 && (
        <ul class="list" aria-label={w.report}>
          {report.map(({ id, what, outcome, isDone }) => (
            <li class="row" key={id} data-done={isDone}>
              <span>{what}</span>
              <span class="end">
                {isDone ? '✓' : '✗'} {outcome}
              </span>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
