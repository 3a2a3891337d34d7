import { useEffect, useState } from 'preact/hooks'
import type { DealAnswer, RefundAnswer } from '../../../../src/shop/web/panel/pages.ts'
import { answered, unanswered } from '../../draft.ts'
import { useLive } from '../../live.ts'
import { Act, Loaded, say as tell, withoutSign } from '../../ui.tsx'
import { get, getFile } from '../api.ts'
import { act } from '../confirm.tsx'
import { Go, PanelPage } from '../parts.tsx'
import { say } from '../words.ts'

/** What support and a person wrote, and the files beside it. */
export function Notes({ notes }: { notes: string[] }) {
  if (notes.length === 0) return null
  return (
    <div class="card">
      {notes.map((line, at) => (
        <p key={at}>{withoutSign(line)}</p>
      ))}
    </div>
  )
}

export function Files({ files, name }: { files: string[]; name: string }) {
  if (files.length === 0) return null
  return (
    <div class="proofs">
      {files.map((path, at) => (
        <File key={path} path={path} name={`${name} ${at + 1}`} />
      ))}
    </div>
  )
}

export function Deeds({ acts, done }: { acts: DealAct[]; done: () => void }) {
  if (acts.length === 0) return null
  return (
    <div class="tools deeds">
      {acts.map((one) => (
        <Deed key={one.path} deed={one} done={done} />
      ))}
    </div>
  )
}

/** A payment or an order with its whole story, and what an admin can do about it now. */
export function Deal({ kind, id }: { kind: 'payments' | 'orders'; id: string }) {
  const live = useLive<DealAnswer>(`/${kind}/${encodeURIComponent(id)}`)
  const w = say()
  return (
    <PanelPage title={live.data?.title ?? id}>
      <Loaded live={live}>
        {({ facts, person, files, notes, story, acts }) => (
          <>
            <dl class="card facts">
              {facts.map(([name, value]) => (
                <>
                  <dt>{name}</dt>
                  <dd>{value}</dd>
                </>
              ))}
            </dl>
            <Notes notes={notes} />
            <Files files={files} name={kind === 'payments' ? w.proof : w.photo} />
            <p>
              <Go to={`person/${person}`}>{w.toPerson}</Go>
            </p>
            <Deeds acts={acts} done={live.reload} />
            <Story lines={story} />
          </>
        )}
      </Loaded>
    </PanelPage>
  )
}

/** A file that a buyer has sent. A picture is shown here, any other file is saved. */
function File({ path, name }: { path: string; name: string }) {
  const [file, setFile] = useState<Awaited<ReturnType<typeof getFile>>>()
  const [trouble, setTrouble] = useState('')
  useEffect(() => {
    let here = true
    getFile(path).then(
      (found) => here && setFile(found),
      (problem: Error) => here && setTrouble(problem.message),
    )
    return () => {
      here = false
    }
  }, [path])
  if (trouble) return <p class="wrong">{trouble}</p>
  if (!file) return <span class="card" role="status" aria-label={name} />
  return (
    <a href={file.address} download={file.isPicture ? undefined : name} target="_blank">
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

type DealAct = DealAnswer['acts'][number]

/**
 * An act that needs nothing read or typed is one key. Any other act shows the question, the field, and the key below
 * them.
 */
function Deed({ deed, done }: { deed: DealAct; done: () => void }) {
  const { path, title, kind, ask, question, field, sends } = deed
  const [open, setOpen] = useState<RefundAnswer>()
  const [typed, setTyped] = useState('')
  const w = say()
  const key = `key ${kind}`
  const carryOut = async () => {
    // While nobody knows what came of a press, the page may have read what that press changed. So the next press sends
    // again what the first one did.
    const pressed = `deed ${path}`
    const seen = unanswered<typeof sends>(pressed) ?? sends
    const body = field ? { ...seen, [field.name]: typed } : seen
    tell((await answered(pressed, seen, () => act<{ said: string }>(path, body))).said)
    setOpen(undefined)
    setTyped('')
    done()
  }
  if (!open) {
    const look = async () =>
      setOpen(question === null ? { lines: ask, can: true, inChat: null } : await get<RefundAnswer>(question))
    const isPlain = question === null && ask.length === 0 && !field
    return (
      <Act kind={key} run={isPlain ? carryOut : look}>
        {withoutSign(title)}
      </Act>
    )
  }
  return (
    <div class="card" role="group" aria-label={title}>
      {open.lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
      {open.inChat !== null && <p class="note">{open.inChat}</p>}
      {open.can && field && (
        <label class="field">
          <span>{withoutSign(field.title)}</span>
          {field.isLong ? (
            <textarea
              rows={4}
              maxLength={field.most}
              value={typed}
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
          ) : (
            <input
              maxLength={field.most}
              value={typed}
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
          )}
        </label>
      )}
      <div class="tools">
        {open.can && (
          <Act kind={key} run={carryOut}>
            {withoutSign(title)}
          </Act>
        )}
        <button type="button" class="key" onClick={() => setOpen(undefined)}>
          {w.cancel}
        </button>
      </div>
    </div>
  )
}
