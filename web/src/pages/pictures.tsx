import { useState } from 'preact/hooks'
import type { GalleryAnswer } from '../../../src/shop/web/pictures.ts'
import { useLive } from '../live.ts'
import { go } from '../router.ts'
import { Shot } from '../shot.tsx'
import { Loaded, Page } from '../ui.tsx'
import { words } from '../words.ts'

/** What was drawn, and what is being drawn. */
export function Pictures({ back }: { back: boolean }) {
  const [pages, setPages] = useState(1)
  const w = words()
  return (
    <Page title={w.pictures} back={back}>
      <button type="button" class="key primary" onClick={() => go({ page: 'draw' })}>
        {w.newPicture}
      </button>
      {Array.from({ length: pages }, (_, page) => (
        <OnePage page={page} key={page} last={page === pages - 1} more={() => setPages(page + 2)} />
      ))}
    </Page>
  )
}

function OnePage({ page, last, more }: { page: number; last: boolean; more: () => void }) {
  const live = useLive<GalleryAnswer>(`/pictures?page=${page}`)
  const w = words()
  return (
    <Loaded live={live}>
      {({ open, pictures, next }) => (
        <>
          {open.length > 0 && (
            <>
              <h2>{w.onTheWay}</h2>
              <ul class="list">
                {open.map((one) => (
                  <li key={one.id}>
                    <button type="button" class="row" onClick={() => go({ page: 'picture', id: one.id })}>
                      <span>
                        <b>{one.prompt.slice(0, 80)}</b>
                        <small>{one.about}</small>
                      </span>
                      <span class="end">
                        <b>{one.price}</b>
                      </span>
                    </button>
                  </li>
                ))}
              </ul>
            </>
          )}
          {page === 0 && pictures.length > 0 && <h2>{w.myPictures}</h2>}
          {page === 0 && pictures.length + open.length === 0 && <p class="note">{w.noPictures}</p>}
          {pictures.length > 0 && (
            <div class="gallery">
              {pictures.map((one) => (
                <button
                  type="button"
                  class="shot"
                  key={one.id}
                  onClick={() => go({ page: 'picture', id: one.id })}
                >
                  <Shot id={one.id} alt={one.prompt.slice(0, 120)} />
                </button>
              ))}
            </div>
          )}
          {last && next !== null && (
            <button type="button" class="link" onClick={more}>
              {w.older}
            </button>
          )}
        </>
      )}
    </Loaded>
  )
}
