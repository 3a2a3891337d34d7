import { useEffect, useState } from 'preact/hooks'
import type { DealAnswer, RefundAnswer } from '../../../../src/shop/web/panel/pages.ts'
import { useLive } from '../../live.ts'
import { Act, Loaded, say as tell, withoutSign } from '../../ui.tsx'
import { get, getFile } from '../api.ts'
import { act } from '../confirm.tsx'
import { Go, PanelPage } from '../parts.tsx'
import { say } from '../words.ts'

/** A payment or an order with its whole story, and what can be done about it as it stands. */
export function Deal({ kind, id }: { kind: 'payments' | 'orders'; id: string }) {
  const live = useLive<DealAnswer>(`/${kind}/${encodeURIComponent(id)}`)
  const w = say()
  return (
    <PanelPage title={live.data?.title ?? id}>
      <Loaded live={live}>
        {({ facts, person, proofs, story, acts }) => (
          <>
            <dl class="card facts">
              {facts.map(([name, value]) => (
                <>
                  <dt>{name}</dt>
                  <dd>{value}</dd>
                </>
              ))}
            </dl>
            {proofs > 0 && (
              <div class="proofs">
                {Array.from({ length: proofs }, (_, at) => (
                  <Proof key={at} id={id} at={at} />
                ))}
              </div>
            )}
            <p>
              <Go to={`person/${person}`}>{w.toPerson}</Go>
            </p>
            {acts.length > 0 && (
              <div class="tools acts">
                {acts.map(({ act: name, title }) =>
                  name === 'refund' ? (
                    <Refund key={name} id={id} title={title} done={live.reload} />
                  ) : (
                    <Act
                      key={name}
                      kind="key primary"
                      run={async () => {
                        const path =
                          name === 'approve' ? `/requests/${id}/approve` : `/payments/${id}/${name}`
                        tell((await act<{ said: string }>(path)).said)
                        live.reload()
                      }}
                    >
                      {withoutSign(title)}
                    </Act>
                  ),
                )}
              </div>
            )}
            <Story lines={story} />
          </>
        )}
      </Loaded>
    </PanelPage>
  )
}

/** A file that was shown for a transfer: a picture stands here, anything else is saved. */
function Proof({ id, at }: { id: string; at: number }) {
  const [file, setFile] = useState<Awaited<ReturnType<typeof getFile>>>()
  const [trouble, setTrouble] = useState('')
  const w = say()
  useEffect(() => {
    let here = true
    getFile(`/requests/${id}/proofs/${at}`).then(
      (found) => here && setFile(found),
      (problem: Error) => here && setTrouble(problem.message),
    )
    return () => {
      here = false
    }
  }, [id, at])
  const name = `${w.proof} ${at + 1}`
  if (trouble) return <p class="wrong">{trouble}</p>
  if (!file) return <span class="card" role="status" aria-label={name} />
  return (
    <a href={file.address} download={file.isPicture ? undefined : `${id}-${at + 1}`} target="_blank">
      {file.isPicture ? <img src={file.address} alt={name} /> : name}
    </a>
  )
}

export function Story({ lines }: { lines: string[] }) {
  const w = say()
  if (lines.length === 0) return null
  return (
    <section>
      <h2>{w.story}</h2>
      <div class="card story" role="region" aria-label={w.story} tabIndex={0}>
        {lines.map((line, at) => (
          <p key={at}>{line}</p>
        ))}
      </div>
    </section>
  )
}

/** What goes back, and what is taken for it, stands above the key that does it. */
function Refund({ id, title, done }: { id: string; title: string; done: () => void }) {
  const [question, setQuestion] = useState<RefundAnswer>()
  const w = say()
  if (!question)
    return (
      <Act kind="key danger" run={async () => setQuestion(await get<RefundAnswer>(`/payments/${id}/refund`))}>
        {withoutSign(title)}
      </Act>
    )
  return (
    <div class="card" role="group" aria-label={title}>
      {question.lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
      {question.inChat !== null && <p class="note">{question.inChat}</p>}
      <div class="tools">
        {question.can && (
          <Act
            kind="key danger"
            run={async () => {
              tell((await act<{ said: string }>(`/payments/${id}/refund`)).said)
              setQuestion(undefined)
              done()
            }}
          >
            {w.giveBack}
          </Act>
        )}
        <button type="button" class="key" onClick={() => setQuestion(undefined)}>
          {w.cancel}
        </button>
      </div>
    </div>
  )
}
