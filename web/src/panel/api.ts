import { listen } from '../listen.ts'
import { save } from './csv.ts'
import { ask, blobOf, makeKey, sendFile } from '../problem.ts'
import type { Problem, Sent } from '../problem.ts'

/**
 * This header says that a page of ours made the request. The browser sends the cookie that says who asks, and no
 * script can read it.
 */
const OURS = { 'x-telekassa-panel': '1' }

/**
 * The code is the end of the link's address. It is removed from the address at once, so that a person who copies the
 * address does not copy the code.
 */
const code = location.hash.slice(1)
if (code !== '') history.replaceState(null, '', location.pathname + location.search)

let opening: Promise<void> | undefined

/** @throws Problem when the link opens nothing */
export async function enter(): Promise<void> {
  if (!/^[\w-]{43}$/.test(code)) return
  const key = makeKey()
  const open = () => ask('POST', '/panel/api/session', { code, key }, OURS)
  // After a lost answer the page asks once more: the same link and the same key open the same session.
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

/**
 * Loads a file of the shop's.
 * @returns an address that only this page can show
 */
export async function getFile(path: string): Promise<{ address: string; isPicture: boolean }> {
  const bytes = await blobOf(`/panel/api${path}`, OURS)
  return { address: URL.createObjectURL(bytes), isPicture: bytes.type.startsWith('image/') }
}

/** @throws Problem `panel.confirm` for an act that the admin has to confirm in the chat first: see act() */
export const post = async <T>(path: string, body: unknown = {}): Promise<T> =>
  (await ask('POST', `/panel/api${path}`, body, OURS)) as T

/** Sends a file as it is. @throws Problem */
export const upload = async <T>(path: string, file: Blob, sent: Sent): Promise<T> =>
  (await sendFile(`/panel/api${path}`, file, OURS, sent)) as T

export const follow = (changed: () => void): void =>
  listen(() => fetch('/panel/api/events', { headers: OURS }), changed)

/**
 * Saves a file that the shop sends, however long that takes.
 * @throws Problem also when the file was cut off half-way
 */
export async function saveFile(name: string, path: string): Promise<void> {
  save(name, await blobOf(`/panel/api${path}`, OURS))
}
