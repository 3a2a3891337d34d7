import { useEffect, useState } from 'preact/hooks'
import type { PictureAnswer } from '../../../src/shop/web/pictures.ts'
import { post } from '../api.ts'
import { useLive } from '../live.ts'
import { saveAs } from '../problem.ts'
import { Rest } from '../rest.tsx'
import { go } from '../router.ts'
import { pathOfShot, Shot, shotAt } from '../shot.tsx'
import { Act, Loaded, Page } from '../ui.tsx'
import { words } from '../words.ts'

/** Shows a picture while it is being drawn, and afterwards. */
export function Picture({ id, back }: { id: string; back: boolean }) {
  const live = useLive<PictureAnswer>(`/pictures/${id}`)
  const w = words()
  return (
    <Page title={w.pictures} back={back}>
      <Loaded live={live}>
        {(picture) => (
          <>
            {picture.hasFile && <Shot id={id} alt={picture.prompt.slice(0, 120)} kind="drawn" />}
            <section class="card" data-picture={picture.stage}>
              <ul class="steps" aria-live="polite">
                {(picture.rest ? [w.pictureWaits] : picture.lines).map((line) => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
              {picture.progress && <Progress {...picture.progress} />}
              <p class="quote">{picture.prompt}</p>
              <p class="note">
                {picture.about} · {picture.price}
              </p>
            </section>
            {picture.rest && (
              <Rest
                rest={picture.rest}
                orderId={id}
                goOn={(draft) => post(`/pictures/${id}/go`, { draft })}
                drop={() => post(`/pictures/${id}/cancel`)}
                dropWords={w.cancelPicture}
              />
            )}
            {picture.isMoving && <p class="note">{w.live}</p>}
            <div class="bottom">
              {picture.canCancel && <Act run={() => post(`/pictures/${id}/cancel`)}>{w.cancelPicture}</Act>}
              {!picture.isMoving && !picture.rest && (
                <button
                  type="button"
                  class="key primary"
                  onClick={() => {
                    const { prompt, model, aspect } = picture
                    go({ page: 'draw', prompt, model, aspect })
                  }}
                >
                  {w.drawAgain}
                </button>
              )}
              {picture.hasFile && (
                <Act run={async () => saveAs(`${id}.jpg`, await shotAt(pathOfShot(id)))}>
                  {w.downloadPicture}
                </Act>
              )}
            </div>
          </>
        )}
      </Loaded>
    </Page>
  )
}

const SECOND_MS = 1_000
/** The bar shows time, which is no proof of progress, so it stops short of its end until there is a picture. */
const MOST = 0.95

function Progress({ elapsed, usual }: { elapsed: number; usual: number }) {
  const [since, setSince] = useState(0)
  useEffect(() => {
    setSince(0)
    const ticking = setInterval(() => setSince((before) => before + 1), SECOND_MS)
    return () => clearInterval(ticking)
  }, [elapsed])
  const w = words()
  const seconds = elapsed + since
  const said = `${seconds} ${w.secondsUsual} ${usual} ${w.seconds}`
  return (
    <>
      <progress value={Math.min(seconds / usual, MOST)} max={1} aria-label={said} />
      <small>{said}</small>
    </>
  )
}
