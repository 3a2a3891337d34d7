import { words } from '../words.ts'
import { listen } from '../listen.ts'
import { save } from './csv.ts'
import { Problem, ask, makeKey, problemOf } from '../problem.ts'

/** Every request says that a page of ours made it; the cookie that says who is sent by the browser and seen by no script. */
const OURS = { 'x-telekassa-panel': '1' }

/** The end of a link's address, taken out of it at once: nobody who copies the address copies it. */
const code = location.hash.slice(1)
if (code !== '') history.replaceState(null, '', location.pathname + location.search)

let opening: Promise<void> | undefined

/** @throws Problem when the link opens nothing */
export async function enter(): Promise<void> {
  if (!/^[\w-]{43}$/.test(code)) return
  const key = makeKey()
  const open = () => ask('POST', '/panel/api/session', { code, key }, OURS)
  // An answer that got lost is asked for once more: the same link and the same key are the same session.
  opening ??= open()
    .catch((error: Problem) => {
      if (error.code !== 'offline') throw error
      return open()
    })
    .then(() => undefined)
  await opening
}

export const get = async <T>(path: string): Promise<T> =>
  (await ask('GET', `/panel/api${path}`, undefined, OURS)) as T

/** A file of the shop's, as an address that this page alone can show. */
export async function getFile(path: string): Promise<{ address: string; isPicture: boolean }> {
  const response = await fetch(`/panel/api${path}`, { headers: OURS })
  if (!response.ok) throw await problemOf(response)
  const bytes = await response.blob()
  return { address: URL.createObjectURL(bytes), isPicture: bytes.type.startsWith('image/') }
}

/** @throws Problem `panel.confirm` for what asks the admin in the chat first: see act() */
export const post = async <T>(path: string, body: unknown = {}): Promise<T> =>
  (await ask('POST', `/panel/api${path}`, body, OURS)) as T

export const follow = (changed: () => void): void =>
  listen(() => fetch('/panel/api/events', { headers: OURS }), changed)

/** Saves what comes as a file, however long that takes. @throws Problem also when it was cut off half-way */
export async function saveFile(name: string, path: string): Promise<void> {
  try {
    const response = await fetch(`/panel/api${path}`, { headers: OURS })
    if (!response.ok) throw await problemOf(response)
    save(name, await response.blob())
  } catch (error) {
    throw error instanceof Problem ? error : new Problem('offline', words().offline)
  }
}
