import { useEffect, useState } from 'preact/hooks'
import type { HistoryAnswer } from '../../../src/shop/web/home.ts'
import { useLive } from '../live.ts'
import { Loaded, Page } from '../ui.tsx'
import { words } from '../words.ts'

export function History() {
  const [before, setBefore] = useState<string[]>([''])
  const [filter, setFilter] = useState<Filter>({ asset: '', way: '' })
  const [assets, setAssets] = useState<HistoryAnswer['assets']>([])
  const change = (next: Filter) => {
    setFilter(next)
    setBefore([''])
  }
  return (
    <Page title={words().history}>
      <Filters filter={filter} assets={assets} change={change} />
      {before.map((one, at) => (
        <OnePage
          before={one}
          filter={filter}
          hold={setAssets}
          key={`${one} ${filter.asset} ${filter.way}`}
          last={at === before.length - 1}
          more={(next) => setBefore([...before, next])}
        />
      ))}
    </Page>
  )
}

interface Filter {
  asset: string
  way: '' | 'in' | 'out'
}

/** Which money, and whether it came or went. */
function Filters({
  filter,
  assets,
  change,
}: {
  filter: Filter
  assets: HistoryAnswer['assets']
  change: (next: Filter) => void
}) {
  const w = words()
  const ways = [
    ['', w.anyWay],
    ['in', w.cameIn],
    ['out', w.wentOut],
  ] as const
  return (
    <div class="narrow">
      <fieldset>
        <legend class="hidden">{w.whichWay}</legend>
        <div class="chips">
          {ways.map(([way, name]) => (
            <label key={way}>
              <input
                type="radio"
                name="way"
                checked={filter.way === way}
                onChange={() => change({ ...filter, way })}
              />
              {name}
            </label>
          ))}
        </div>
      </fieldset>
      {assets.length > 1 && (
        <fieldset>
          <legend class="hidden">{w.whichMoney}</legend>
          <div class="chips">
            {[{ asset: '', name: w.anyMoney }, ...assets].map(({ asset, name }) => (
              <label key={asset}>
                <input
                  type="radio"
                  name="asset"
                  checked={filter.asset === asset}
                  onChange={() => change({ ...filter, asset })}
                />
                {name}
              </label>
            ))}
          </div>
        </fieldset>
      )}
    </div>
  )
}

interface PageOf {
  before: string
  filter: Filter
  last: boolean
  /** Gets the currencies of the balance, which come with every page. */
  hold: (assets: HistoryAnswer['assets']) => void
  more: (before: string) => void
}

function OnePage({ before, filter, last, hold, more }: PageOf) {
  const asked = new URLSearchParams(Object.entries({ before, ...filter }).filter(([, value]) => value !== ''))
  const live = useLive<HistoryAnswer>(`/history${asked.size > 0 ? `?${asked}` : ''}`)
  useEffect(() => {
    if (live.data) hold(live.data.assets)
  }, [live.data, hold])
  const w = words()
  return (
    <Loaded live={live}>
      {({ operations, before: next }) => (
        <>
          {operations.length === 0 && before === '' && (
            <p class="note">{filter.asset || filter.way ? w.noSuch : w.noHistory}</p>
          )}
          {operations.length > 0 && (
            <ul class="list">
              {operations.map((one) => (
                <li class="row" key={one.id}>
                  <span>
                    <b>{one.kind}</b>
                    <small>{[one.description, one.at].filter(Boolean).join(' · ')}</small>
                  </span>
                  <span class="end">
                    <b data-plus={one.isPlus}>{one.sum}</b>
                    <small>
                      {w.after} {one.after}
                    </small>
                  </span>
                </li>
              ))}
            </ul>
          )}
          {last && next !== null && (
            <button type="button" class="link" onClick={() => more(next)}>
              {w.older}
            </button>
          )}
        </>
      )}
    </Loaded>
  )
}
