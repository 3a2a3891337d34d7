import { listen } from './listen.ts'
import { ask, blobOf, makeKey, Problem, sendFile } from './problem.ts'
import type { Sent } from './problem.ts'
import { initData } from './telegram.ts'
import { words } from './words.ts'

const KEY = 'telekassa-key'
const FOR = 'telekassa-key-for'
const bot = new URLSearchParams(location.search).get('bot') ?? 'main'

function keyOf(signed: string): string {
  const kept = sessionStorage.getItem(KEY)
  if (kept && sessionStorage.getItem(FOR) === signed) return kept
  const key = makeKey()
  sessionStorage.setItem(KEY, key)
  sessionStorage.setItem(FOR, signed)
  return key
}

let opening: Promise<void> | undefined
/** The answer for the first screen, which came along with the session and has not been shown yet. */
let home: unknown

/** @throws Problem when Telegram's signature opens no session */
function open(withHome = false): Promise<void> {
  if (initData === '') throw new Problem('outside', words().outside)
  const asked = { bot, initData, key: keyOf(initData), home: withHome }
  opening ??= send('POST', '/session', asked).then(
    (answer) => {
      home = (answer as { home?: unknown }).home
    },
    (error: unknown) => {
      opening = undefined
      throw error
    },
  )
  return opening
}

const send = (method: string, path: string, body?: unknown): Promise<unknown> =>
  ask(method, `/app/api${path}`, body, { authorization: `Bearer ${keyOf(initData)}` })

export async function get<T>(path: string): Promise<T> {
  const isHome = path === '/home'
  await open(isHome)
  const shown = isHome ? home : undefined
  home = undefined
  return (shown ?? (await send('GET', path))) as T
}

export async function post<T>(path: string, body: unknown = {}): Promise<T> {
  await open()
  return (await send('POST', path, body)) as T
}

/** Sends a file as it is. */
export async function upload<T>(path: string, file: Blob, sent?: Sent): Promise<T> {
  await open()
  return (await sendFile(`/app/api${path}`, file, { authorization: `Bearer ${keyOf(initData)}` }, sent)) as T
}

/**
 * Loads a file of the shop's.
 * @returns an address that only this page can show
 */
export async function getFile(path: string): Promise<string> {
  await open()
  return URL.createObjectURL(await blobOf(`/app/api${path}`, { authorization: `Bearer ${keyOf(initData)}` }))
}

/** Calls back whenever something about the person has changed. */
export function follow(changed: () => void): void {
  listen(async () => {
    await open()
    return fetch('/app/api/events', { headers: { authorization: `Bearer ${keyOf(initData)}` } })
  }, changed)
}
