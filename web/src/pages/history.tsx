import { useState } from 'preact/hooks'
import type { HistoryAnswer } from '../../../src/shop/web/home.ts'
import { useLive } from '../live.ts'
import { Loaded, Page } from '../ui.tsx'
import { words } from '../words.ts'

export function History() {
  const [before, setBefore] = useState<string[]>([''])
  return (
    <Page title={words().history}>
      {before.map((one, at) => (
        <OnePage
          before={one}
          key={one}
          last={at === before.length - 1}
          more={(next) => setBefore([...before, next])}
        />
      ))}
    </Page>
  )
}

function OnePage({ before, last, more }: { before: string; last: boolean; more: (before: string) => void }) {
  const live = useLive<HistoryAnswer>(`/history${before && `?before=${before}`}`)
  const w = words()
  return (
    <Loaded live={live}>
      {({ operations, before: next }) => (
        <>
          {operations.length === 0 && before === '' && <p class="note">{w.noHistory}</p>}
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
