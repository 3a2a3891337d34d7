import { useState } from 'preact/hooks'
import type { ItemFileAnswer, ItemFileDone } from '../../../../src/shop/web/panel/item-file.ts'
import { useLive } from '../../live.ts'
import { Act, Leaving, Loaded, say as tell } from '../../ui.tsx'
import { upload } from '../api.ts'
import { surely } from '../confirm.tsx'
import { Go, PanelPage } from '../parts.tsx'
import { go } from '../router.ts'
import { say } from '../words.ts'

/** The file that every buyer of an item gets. */
export function ItemFile({ id }: { id: string }) {
  const live = useLive<ItemFileAnswer>(`/items/${id}/file`)
  const [file, setFile] = useState<File>()
  const [share, setShare] = useState<number>()
  const w = say()
  const send = async (chosen: File) => {
    const name = encodeURIComponent(chosen.name)
    const done = await surely(() =>
      upload<ItemFileDone>(`/items/${id}/file?name=${name}`, chosen, setShare).finally(() =>
        setShare(undefined),
      ),
    )
    tell(done.said)
    go(done.opens)
  }
  return (
    <PanelPage title={live.data?.title ?? w.opening}>
      <Loaded live={live}>
        {({ now, hint, most }) => (
          <section class="card change">
            <div class="tools">
              <Go to={`item/${id}`}>{w.toItem}</Go>
            </div>
            <p class="note">{now}</p>
            <div class="field">
              <label for="file">{w.file}</label>
              <input
                id="file"
                type="file"
                aria-describedby="file-hint"
                onChange={({ currentTarget: { files } }) => setFile(files?.[0])}
              />
              <small id="file-hint">{hint}</small>
            </div>
            {file && file.size > most && (
              <p class="wrong" role="alert">
                {w.fileTooBig}
              </p>
            )}
            <Leaving share={share} />
            <Act
              kind="key primary"
              disabled={!file || file.size === 0 || file.size > most}
              run={() => send(file!)}
            >
              {w.sendFile}
            </Act>
          </section>
        )}
      </Loaded>
    </PanelPage>
  )
}
