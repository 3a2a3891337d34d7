import { useEffect, useRef, useState } from 'preact/hooks'
import type { MeAnswer } from '../../../src/shop/web/panel/session-routes.ts'
import { Problem } from '../problem.ts'
import { get, post } from './api.ts'
import { say } from './words.ts'

const LOOK_MS = 1_500

interface Asking {
  yes: () => void
  no: (problem: Problem) => void
}
let show: (asking: Asking) => void = () => {}
let asked: Promise<void> | undefined

/**
 * Waits until the admin has pressed yes in the chat. Many acts at once make one question.
 * @throws Problem
 */
function askConfirmation(): Promise<void> {
  asked ??= new Promise<void>((yes, no) => show({ yes, no })).finally(() => {
    asked = undefined
  })
  return asked
}

/** Asks the admin in the chat first where the shop wants that, and goes on by itself after the yes. */
export async function surely<T>(send: () => Promise<T>): Promise<T> {
  try {
    return await send()
  } catch (error) {
    if ((error as Problem).code !== 'panel.confirm') throw error
    await askConfirmation()
    return await send()
  }
}

/** Does an act. An act that moves money asks the admin in the chat first. */
export const act = <T,>(path: string, body: unknown = {}): Promise<T> => surely(() => post<T>(path, body))

/** The dialog that stands over the page while the admin is asked in the chat. */
export function Confirmation() {
  const [asking, setAsking] = useState<Asking>()
  const [trouble, setTrouble] = useState('')
  const dialog = useRef<HTMLDialogElement>(null)
  show = (one) => {
    setTrouble('')
    setAsking(one)
    post('/confirm').catch((error: Problem) => setTrouble(error.message))
  }
  useEffect(() => {
    if (!asking) return
    dialog.current?.showModal()
    const look = setInterval(() => {
      get<MeAnswer>('/me').then(
        ({ isConfirmed }) => {
          if (isConfirmed) close(() => asking.yes())
        },
        (error: Problem) => {
          if (error.code !== 'offline') close(() => asking.no(error))
        },
      )
    }, LOOK_MS)
    return () => clearInterval(look)
  }, [asking])
  const close = (then: () => void) => {
    dialog.current?.close()
    setAsking(undefined)
    then()
  }
  if (!asking) return null
  const w = say()
  const cancel = () => close(() => asking.no(new Problem('cancelled', w.notConfirmed)))
  return (
    <dialog ref={dialog} aria-labelledby="confirm" onCancel={cancel}>
      <h2 id="confirm">{w.confirmTitle}</h2>
      <p>{w.confirmText}</p>
      {trouble && <p class="wrong">{trouble}</p>}
      <button type="button" class="key" onClick={cancel}>
        {w.cancel}
      </button>
    </dialog>
  )
}
