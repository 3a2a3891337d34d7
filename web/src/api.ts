import { initData } from './telegram.ts'
import { words } from './words.ts'

/** What went wrong, in the words of the shop. */
export class Problem extends Error {
  readonly code: string
  constructor(code: string, detail: string) {
    super(detail)
    this.code = code
  }
}

const PATIENCE_MS = 20_000
const KEY = 'telekassa-key'
const FOR = 'telekassa-key-for'
const bot = new URLSearchParams(location.search).get('bot') ?? 'main'

/** The page makes its key itself, so that asking again after a lost answer opens the same session. */
function makeKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace('=', '')
}

function keyOf(signed: string): string {
  const kept = sessionStorage.getItem(KEY)
  if (kept && sessionStorage.getItem(FOR) === signed) return kept
  const key = makeKey()
  sessionStorage.setItem(KEY, key)
  sessionStorage.setItem(FOR, signed)
  return key
}

let opening: Promise<void> | undefined

/** @throws Problem when Telegram's signature opens no session */
function open(): Promise<void> {
  if (initData === '') throw new Problem('outside', words().outside)
  opening ??= send('POST', '/session', { bot, initData, key: keyOf(initData) }, false).then(
    () => undefined,
    (error: unknown) => {
      opening = undefined
      throw error
    },
  )
  return opening
}

async function send(method: string, path: string, body: unknown, asSomebody: boolean): Promise<unknown> {
  let response: Response
  try {
    response = await fetch(`/app/api${path}`, {
      method,
      headers: {
        ...(asSomebody && { authorization: `Bearer ${keyOf(initData)}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
  } catch {
    throw new Problem('offline', words().offline)
  }
  const answer = (await response.json().catch(() => ({}))) as { code?: string; detail?: string }
  if (response.ok) return answer
  throw new Problem(answer.code ?? 'offline', answer.detail ?? words().offline)
}

export async function get<T>(path: string): Promise<T> {
  await open()
  return (await send('GET', path, undefined, true)) as T
}

export async function post<T>(path: string, body: unknown = {}): Promise<T> {
  await open()
  return (await send('POST', path, body, true)) as T
}

const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 15_000

/** Calls back whenever something of the person is different, and whenever it may be: after a break, and on the way back. */
export function follow(changed: () => void): void {
  let wait = FIRST_WAIT_MS
  let isFirst = true
  const listen = async (): Promise<void> => {
    try {
      await open()
      const response = await fetch('/app/api/events', {
        headers: { authorization: `Bearer ${keyOf(initData)}` },
      })
      if (!response.ok || !response.body) throw new Error(String(response.status))
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        // What was told between two connections was told to nobody.
        if (part.value.includes('event: change') || !isFirst) changed()
        isFirst = false
        wait = FIRST_WAIT_MS
      }
    } catch {
      wait = Math.min(wait * 2, LONGEST_WAIT_MS)
    }
    setTimeout(() => void listen(), wait)
  }
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') changed()
  })
  void listen()
}

/** A draft's number: made when a page is drawn, so that a second press of its key is the same payment. */
export const newDraft = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => (byte % 36).toString(36)).join('')
