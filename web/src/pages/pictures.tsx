import type { GalleryAnswer } from '../../../src/shop/web/pictures.ts'
import { Paged } from '../paged.tsx'
import { go } from '../router.ts'
import { Shot } from '../shot.tsx'
import { Page } from '../ui.tsx'
import { words } from '../words.ts'

/** Shows the person's finished pictures and those that are being drawn. */
export function Pictures({ back }: { back: boolean }) {
  const w = words()
  return (
    <Page title={w.pictures} back={back}>
      <button type="button" class="key primary" onClick={() => go({ page: 'draw' })}>
        {w.newPicture}
      </button>
      <Paged<GalleryAnswer> path="/pictures">
        {({ open, pictures }, page) => (
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
          </>
        )}
      </Paged>
    </Page>
  )
}
