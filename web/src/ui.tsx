import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Problem } from './problem.ts'
import type { Live } from './live.ts'
import { goBack } from './router.ts'
import { closePage, feel, insideTelegram } from './telegram.ts'
import { words } from './words.ts'

/** A page with its heading, which screen readers read out when the page comes. */
export function Page({
  title,
  back,
  children,
}: {
  title: string
  back?: boolean
  children: ComponentChildren
}) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus({ preventScroll: true }), [title])
  return (
    <main>
      <header>
        {back && (
          <button type="button" class="back" aria-label={words().back} onClick={goBack}>
            ‹
          </button>
        )}
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
      </header>
      {children}
    </main>
  )
}

/** Shows what was loaded, or why it was not. */
export function Loaded<T>({ live, children }: { live: Live<T>; children: (data: T) => ComponentChildren }) {
  if (live.data !== undefined) return <>{children(live.data)}</>
  if (live.problem) return <Trouble problem={live.problem} again={live.reload} />
  return (
    <div class="skeleton" role="status">
      <span class="hidden">{words().loading}</span>
      <i />
      <i />
      <i />
    </div>
  )
}

export function Trouble({ problem, again }: { problem: Problem; again?: () => void }) {
  return (
    <section class="card trouble" role="alert">
      <p>{problem.message}</p>
      {again && (
        <button type="button" class="key" onClick={again}>
          {words().again}
        </button>
      )}
    </section>
  )
}

/** A key that does something. It waits until that is done, so that two taps act once. */
export function Act({
  run,
  children,
  kind = 'key',
  disabled = false,
}: {
  run: () => Promise<unknown>
  children: ComponentChildren
  kind?: string
  disabled?: boolean
}) {
  const [waits, setWaits] = useState(false)
  const press = async () => {
    if (waits) return
    setWaits(true)
    try {
      await run()
    } catch (error) {
      feel('error')
      say((error as Error).message)
    } finally {
      setWaits(false)
    }
  }
  return (
    <button type="button" class={kind} disabled={disabled} aria-busy={waits} onClick={() => void press()}>
      {children}
    </button>
  )
}

/** How much of a file has left, from 0 to 1. */
export const Leaving = ({ share }: { share: number | undefined }) =>
  share === undefined ? null : <progress value={share} max={1} aria-label={words().sending} />

/** The browser may refuse in a frame of Telegram on the web. Then the older way is left. */
async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    const field = Object.assign(document.createElement('textarea'), { value: text, readOnly: true })
    document.body.append(field)
    field.select()
    document.execCommand('copy')
    field.remove()
  }
}

/** A key that copies a text which people would mistype. */
export function Copy({ text, children }: { text: string; children: ComponentChildren }) {
  return (
    <Act
      run={async () => {
        await copy(text)
        say(words().copied)
      }}
    >
      {children}
    </Act>
  )
}

/** Says that the rest is in the chat, and leads back to the chat. */
export function InChat() {
  const w = words()
  return (
    <p class="note">
      {w.inChat}{' '}
      {insideTelegram && (
        <button type="button" class="link" onClick={closePage}>
          {w.toChat}
        </button>
      )}
    </p>
  )
}

const SAID_MS = 5_000
let show: (text: string) => void = () => {}
/** Shows a sentence over the page for a moment. */
export const say = (text: string): void => show(text)

export function Said() {
  const [text, setText] = useState('')
  useEffect(() => {
    let waiting: ReturnType<typeof setTimeout> | undefined
    show = (next) => {
      clearTimeout(waiting)
      setText(next)
      waiting = setTimeout(() => setText(''), SAID_MS)
    }
  }, [])
  return (
    <div class="said" role="status" aria-live="polite">
      {text && <p>{text}</p>}
    </div>
  )
}

/** A text of the bot without the sign before it, for places where the page has a picture. */
export const withoutSign = (text: string): string => text.replace(/^[^\p{L}\p{N}]+/u, '')

/** A text without the picture before it, which not every machine can draw; an arrow stays. */
export const withoutPicture = (text: string): string =>
  text.replace(/^[\p{Extended_Pictographic}\u{FE0F}]+\s*/u, '')
