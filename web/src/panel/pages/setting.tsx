import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { SettingAnswer, SettingPreview } from '../../../../src/shop/web/panel/settings.ts'
import { useLive } from '../../live.ts'
import { Act, Loaded, say as tell, withoutSign } from '../../ui.tsx'
import { post } from '../api.ts'
import { act } from '../confirm.tsx'
import { Go, PanelPage } from '../parts.tsx'
import { say } from '../words.ts'
import { Origin } from './settings.tsx'

type PlaceOf = SettingAnswer['places'][number]
type Form = NonNullable<SettingAnswer['form']>

/**
 * One setting: its value now, a form for all bots and one for this bot, its history, and the way back to an older
 * value.
 */
export function Setting({ id }: { id: string }) {
  const live = useLive<SettingAnswer>(`/settings/${encodeURIComponent(id)}`)
  const w = say()
  return (
    <PanelPage title={live.data?.title ?? id}>
      <Loaded live={live}>
        {({ key, hint, group, now, byDefault, form, places }) => (
          <>
            <div class="tools">
              <Go to="settings">{w.toSettings}</Go>
              <span class="note">{withoutSign(group)}</span>
            </div>
            {hint && <p>{hint}</p>}
            <dl class="card facts">
              <dt>{w.holdsNow}</dt>
              <dd>
                <b>{now.value}</b> <Origin origin={now.origin} />
              </dd>
              <dt>{w.byDefault}</dt>
              <dd>{byDefault}</dd>
            </dl>
            {!form && <p class="note">{w.inChatOnly}</p>}
            <div class="places">
              {places.map((place) => (
                // A value that was typed against an older version would be refused, so a new version draws the form
                // anew.
                <Scope
                  key={`${place.scope} ${place.seen}`}
                  name={key}
                  place={place}
                  form={form}
                  done={live.reload}
                />
              ))}
            </div>
          </>
        )}
      </Loaded>
    </PanelPage>
  )
}

function Scope({
  name,
  place,
  form,
  done,
}: {
  name: string
  place: PlaceOf
  form: Form | null
  done: () => void
}) {
  const w = say()
  const [undoing, setUndoing] = useState(false)
  const at = { scope: place.scope, seen: place.seen }
  const run = async (what: string, more: object = {}) => {
    tell((await act<{ said: string }>(`/settings/${name}/${what}`, { ...at, ...more })).said)
    done()
  }
  const { undo } = place
  return (
    <section class="card" aria-label={place.title}>
      <h2>{place.title}</h2>
      {!place.isSet && <small>{w.isInherited}</small>}
      {place.why && <p class="note">{place.why}</p>}
      {place.may && form && (
        <Change name={name} place={place} form={form} save={(text) => run('save', { text })} />
      )}
      {place.may && undo && (
        <div class="tools">
          <button type="button" class="link" aria-expanded={undoing} onClick={() => setUndoing(!undoing)}>
            {w.undo}
          </button>
          {place.isSet && (
            <Act kind="link" run={() => run('reset')}>
              {w.reset}
            </Act>
          )}
        </div>
      )}
      {undoing && undo && (
        <Difference title={w.undoIs} before={undo.before} after={undo.after}>
          <Act kind="key primary" run={() => run('undo')}>
            {w.undo}
          </Act>
        </Difference>
      )}
      {place.history.length > 0 && (
        <details>
          <summary>
            {w.history} · {place.history.length}
          </summary>
          <ul class="list history">
            {place.history.map(({ version, before, after, by, at: when }) => (
              <li class="row" key={version}>
                <span>
                  <span>
                    <s>{before}</s> → <b>{after}</b>
                  </span>
                  <small>
                    {by} · {when}
                  </small>
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  )
}

/** The shop checks what is typed before there is a key to save it. */
function Change({
  name,
  place,
  form,
  save,
}: {
  name: string
  place: PlaceOf
  form: Form
  save: (text: string) => Promise<void>
}) {
  const w = say()
  const [text, setText] = useState(place.value)
  const [preview, setPreview] = useState<SettingPreview>()
  const [wrong, setWrong] = useState('')
  const change = (next: string) => {
    setText(next)
    setPreview(undefined)
    setWrong('')
  }
  const look = async () => {
    setWrong('')
    try {
      setPreview(await post<SettingPreview>(`/settings/${name}/check`, { scope: place.scope, text }))
    } catch (error) {
      setPreview(undefined)
      setWrong((error as Error).message)
    }
  }
  const id = `${place.scope}-value`
  return (
    <form
      class="change"
      onSubmit={(event) => {
        event.preventDefault()
        void look()
      }}
    >
      <label for={id}>
        {w.newValue}
        {form.unit && `, ${form.unit}`}
      </label>
      <Field form={form} id={id} text={text} change={change} isWrong={wrong !== ''} />
      <small id={`${id}-hint`}>{form.words}</small>
      {wrong && (
        <p class="wrong" role="alert" id={`${id}-wrong`}>
          {wrong}
        </p>
      )}
      {preview ? (
        <Difference title={w.changeIs} before={preview.before} after={preview.after}>
          <Act kind="key primary" run={() => save(text)}>
            {w.save}
          </Act>
        </Difference>
      ) : (
        <button type="submit" class="key" disabled={text.trim() === place.value}>
          {w.changeSetting}
        </button>
      )}
    </form>
  )
}

function Field({
  form,
  id,
  text,
  change,
  isWrong,
}: {
  form: Form
  id: string
  text: string
  change: (text: string) => void
  isWrong: boolean
}) {
  const w = say()
  // The kind of the field follows the value that was there: a field that changes its kind while somebody types loses
  // the caret.
  const [isLong] = useState(text.length > 60)
  const common = {
    id,
    'aria-describedby': `${id}-hint ${id}-wrong`,
    'aria-invalid': isWrong,
  }
  const options: [value: string, title: string][] =
    form.kind === 'flag'
      ? [
          ['✓', w.yes],
          ['—', w.no],
        ]
      : form.options.map((one) => [one, one])
  if (options.length > 0)
    return (
      <select {...common} value={text} onChange={({ currentTarget: { value } }) => change(value)}>
        {options.map(([value, title]) => (
          <option key={value} value={value}>
            {title}
          </option>
        ))}
      </select>
    )
  if (form.kind === 'texts' || form.kind === 'own' || isLong)
    return (
      <textarea {...common} rows={4} value={text} onInput={({ currentTarget: { value } }) => change(value)} />
    )
  return (
    <input
      {...common}
      inputMode={form.kind === 'integer' ? 'numeric' : form.kind === 'money' ? 'decimal' : 'text'}
      autocomplete="off"
      value={text}
      onInput={({ currentTarget: { value } }) => change(value)}
    />
  )
}

function Difference({
  title,
  before,
  after,
  children,
}: {
  title: string
  before: string
  after: string
  children: ComponentChildren
}) {
  const w = say()
  return (
    <div class="difference" role="status">
      <b>{title}</b>
      <dl>
        <dt>{w.was}</dt>
        <dd>{before}</dd>
        <dt>{w.becomes}</dt>
        <dd>
          <b>{after}</b>
        </dd>
      </dl>
      {children}
    </div>
  )
}
