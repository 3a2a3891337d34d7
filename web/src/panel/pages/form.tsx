import { useRef, useState } from 'preact/hooks'
import type { FormAnswer, FormDone } from '../../../../src/shop/web/panel/form.ts'
import { useLive } from '../../live.ts'
import type { Problem } from '../../problem.ts'
import { Act, Loaded, say as tell, withoutPicture, withoutSign } from '../../ui.tsx'
import { post } from '../api.ts'
import { act } from '../confirm.tsx'
import { save } from '../csv.ts'
import { Go, PanelPage } from '../parts.tsx'
import { go } from '../router.ts'
import { say } from '../words.ts'
import { answered, newDraft, unanswered } from '../../draft.ts'
import { inParts } from './form-parts.ts'

/** Any form of the panel. The shop says which fields it has, and what it would do, before there is a key to press. */
export function Form({ at, given, fromFile }: { at: string; given?: URLSearchParams; fromFile?: boolean }) {
  const query = given && given.size > 0 ? `?${given}` : ''
  const live = useLive<FormAnswer>(`${at}${query}`)
  return (
    <PanelPage title={live.data ? withoutSign(live.data.title) : say().opening}>
      <Loaded live={live}>{(form) => <Filled at={at} form={form} fromFile={fromFile === true} />}</Loaded>
    </PanelPage>
  )
}

type FieldOf = FormAnswer['fields'][number]

function Filled({ at, form, fromFile }: { at: string; form: FormAnswer; fromFile: boolean }) {
  const w = say()
  // What a person types stays, also when the shop's answer comes anew.
  const [values, setValues] = useState<Record<string, string>>(() =>
    Object.fromEntries(form.fields.map(({ name, value }) => [name, value])),
  )
  const [file, setFile] = useState<{ name: string; text: string }>()
  const [lines, setLines] = useState<string[]>()
  const [wrong, setWrong] = useState('')
  // The key stays the same until the form is done, also after Back or a reload, so that a form that is sent twice acts
  // once.
  const key = useRef(unanswered<string>(`form ${at}`) ?? newDraft())
  const shown = form.fields.filter(({ when }) => !when || when.is.includes(values[when.field] ?? ''))
  const body = () => Object.fromEntries(shown.map(({ name }) => [name, values[name] ?? '']))
  const change = (name: string, value: string) => {
    setValues({ ...values, [name]: value })
    setLines(undefined)
    setWrong('')
  }
  const look = async () => {
    setWrong('')
    const text = file?.text ?? values['lines'] ?? ''
    const parts = fromFile ? inParts(text) : []
    // More than one request holds is only counted; the shop reads it part by part.
    if (parts.length > 1 || (file && parts[0] !== '')) {
      const count = text.split('\n').filter((line) => line.trim() !== '').length
      return setLines([...(file ? [file.name] : []), `${w.filledLines}: ${count}`])
    }
    try {
      const more = file ? { lines: '' } : {}
      setLines((await post<{ lines: string[] }>(`${at}/check`, { ...body(), ...more })).lines)
    } catch (error) {
      setLines(undefined)
      const { message, field } = error as Problem
      const named = form.fields.find(({ name }) => name === field)
      setWrong(named ? `${named.title}. ${message}` : message)
    }
  }
  const send = async () => {
    const parts = fromFile ? inParts(file?.text ?? values['lines'] ?? '') : [undefined]
    const said: string[] = []
    let opens = ''
    for (const [number, part] of parts.entries()) {
      const more = part === undefined ? {} : { lines: part }
      const form = `${key.current}${number > 0 ? number.toString(36) : ''}`
      const done = await answered(`form ${at}`, key.current, () =>
        act<FormDone>(`${at}/save`, { ...body(), ...more, form }),
      )
      if (!said.includes(done.said)) said.push(done.said)
      opens = done.opens
      if (done.file) save(done.file.name, new Blob([done.file.text], { type: 'text/plain' }), '')
    }
    tell(said.join(' '))
    go(opens)
  }
  return (
    <form
      class="card change"
      onSubmit={(event) => {
        event.preventDefault()
        void look()
      }}
    >
      <div class="tools">
        {form.links.map(({ title, place }) => (
          <Go key={place} to={place}>
            {withoutPicture(title)}
          </Go>
        ))}
      </div>
      {form.hint && <p class="note lines">{form.hint}</p>}
      {shown
        .filter(({ kind }) => kind !== 'kept')
        .map((field) => (
          <FieldOfForm
            key={field.name}
            field={field}
            value={values[field.name] ?? ''}
            change={(value) => change(field.name, value)}
          />
        ))}
      {fromFile && (
        <label class="field">
          <span>{w.fromFile}</span>
          <input
            type="file"
            accept=".txt,.csv,text/plain"
            onChange={({ currentTarget: { files } }) => {
              setLines(undefined)
              const [chosen] = files ?? []
              if (!chosen) return setFile(undefined)
              void chosen.text().then((text) => setFile({ name: chosen.name, text }))
            }}
          />
        </label>
      )}
      {wrong && (
        <p class="wrong" role="alert">
          {wrong}
        </p>
      )}
      {lines ? (
        <div class="difference" role="status">
          {lines.map((line) => (
            <p key={line}>{withoutSign(line)}</p>
          ))}
          <Act kind="key primary" run={send}>
            {form.act}
          </Act>
        </div>
      ) : (
        <button type="submit" class="key">
          {w.lookAtIt}
        </button>
      )}
    </form>
  )
}

function FieldOfForm({
  field: { name, kind, title, options, hint },
  value,
  change,
}: {
  field: FieldOf
  value: string
  change: (value: string) => void
}) {
  const id = `field-${name}`
  const common = { id, value, ...(hint !== null && { 'aria-describedby': `${id}-hint` }) }
  const typed = (event: { currentTarget: { value: string } }) => change(event.currentTarget.value)
  return (
    <div class="field">
      <label for={id}>{title}</label>
      {kind === 'choice' ? (
        <select {...common} onChange={typed}>
          {options.map(([one, text]) => (
            <option key={one} value={one}>
              {text}
            </option>
          ))}
        </select>
      ) : kind === 'long' ? (
        <textarea {...common} rows={5} onInput={typed} />
      ) : kind === 'day' ? (
        <input {...common} type="date" onInput={typed} />
      ) : (
        <input {...common} type="text" autocomplete="off" onInput={typed} />
      )}
      {hint !== null && (
        <small id={`${id}-hint`} class="lines">
          {hint}
        </small>
      )}
    </div>
  )
}
