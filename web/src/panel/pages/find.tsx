import type { FindAnswer } from '../../../../src/shop/web/panel/pages.ts'
import { useLive } from '../../live.ts'
import { Loaded, withoutSign } from '../../ui.tsx'
import { Go, PanelPage } from '../parts.tsx'
import { go } from '../router.ts'
import type { Place } from '../router.ts'
import { say } from '../words.ts'
import { Story } from './deal.tsx'

/** Finds any id, @name, link or charge, and people by the beginning of their name. */
export function Find({ place }: { place: Place }) {
  const word = place.filters.get('word') ?? ''
  const w = say()
  return (
    <PanelPage title={w.find}>
      <form
        class="filters"
        role="search"
        onSubmit={(event) => {
          event.preventDefault()
          const given = new FormData(event.currentTarget).get('word')
          go(`find?word=${encodeURIComponent(typeof given === 'string' ? given : '')}`)
        }}
      >
        <label>
          <small>{w.findHint}</small>
          <input name="word" value={word} key={word} />
        </label>
        <button type="submit" class="key primary">
          {w.find}
        </button>
      </form>
      {word !== '' && <Found word={word} />}
    </PanelPage>
  )
}

function Found({ word }: { word: string }) {
  const live = useLive<FindAnswer>(`/find?word=${encodeURIComponent(word)}`)
  const w = say()
  return (
    <Loaded live={live}>
      {({ found, more, story }) => (
        <>
          {found.length === 0 && story.length === 0 && <p role="status">{w.foundNothing}</p>}
          {found.length > 0 && (
            <ul class="list">
              {found.map(({ opens, kind, title }) => (
                <li class="row" key={opens}>
                  <Go to={opens}>{title}</Go>
                  <small>{withoutSign(kind)}</small>
                </li>
              ))}
            </ul>
          )}
          {more !== null && <p class="note">{more}</p>}
          <Story lines={story} />
        </>
      )}
    </Loaded>
  )
}
