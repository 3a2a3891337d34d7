import { eventually } from './eventually.ts'
import { newKey } from './mini-app.ts'
import type { WebReply } from './mini-app.ts'
import type { Customer } from './shop.ts'

export interface PanelReply extends WebReply {
  /** The cookie that the answer sets, as the browser would send it. */
  cookie: string | undefined
  setCookie: string | null
}

/** Calls the panel's API as its page does, or as somebody does who is no page. */
export async function askPanel(
  shopUrl: string,
  cookie: string | undefined,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = { 'x-telekassa-panel': '1' },
): Promise<PanelReply> {
  const response = await fetch(`${shopUrl}/panel/api${path}`, {
    method,
    headers: {
      ...(cookie && { cookie }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const setCookie = response.headers.get('set-cookie')
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? '',
    body: (await response.json()) as WebReply['body'],
    setCookie,
    cookie: setCookie?.split(';')[0],
  }
}

/**
 * Lets an admin ask the bot for a link to the panel.
 * @returns the code of the link
 */
export async function panelLink(admin: Pick<Customer, 'say' | 'messages'>): Promise<string> {
  const codes = async () =>
    (await admin.messages()).flatMap(
      ({ inline_keyboard }) =>
        inline_keyboard?.flat().flatMap(({ url }) => /\/panel#(.+)/.exec(url ?? '')?.[1] ?? []) ?? [],
    )
  const before = new Set(await codes())
  await admin.say('/panel')
  return eventually(async () => (await codes()).find((one) => !before.has(one)), {
    what: 'the link of the panel',
  })
}

/** An admin with the panel open in a browser. */
export async function openPanelOf(shopUrl: string, admin: Pick<Customer, 'say' | 'messages' | 'press'>) {
  const [code, key] = [await panelLink(admin), newKey()]
  const opened = await askPanel(shopUrl, undefined, 'POST', '/session', { code, key })
  if (opened.status !== 200) throw new Error(JSON.stringify(opened.body))
  const ask = (method: string, path: string, body?: unknown) =>
    askPanel(shopUrl, opened.cookie, method, path, body)
  return {
    cookie: opened.cookie!,
    code,
    key,
    get: (path: string) => ask('GET', path),
    post: (path: string, body: unknown = {}) => ask('POST', path, body),
    /** Sends a file as the page does. */
    async upload(path: string, bytes: Uint8Array<ArrayBuffer>) {
      const response = await fetch(`${shopUrl}/panel/api${path}`, {
        method: 'POST',
        headers: {
          cookie: opened.cookie!,
          'x-telekassa-panel': '1',
          'content-type': 'application/octet-stream',
        },
        body: bytes,
      })
      const type = response.headers.get('content-type') ?? ''
      return { status: response.status, type, body: (await response.json()) as WebReply['body'] }
    },
    /** Confirms in the chat that it is this admin who sits at the panel. */
    async confirm() {
      await ask('POST', '/confirm', {})
      await admin.press(/Yes, it is me/)
      await eventually(async () => (await ask('GET', '/me')).body['isConfirmed'] === true, {
        what: 'the panel knows that it is they',
      })
    },
  }
}

/** The stream of news that an open page listens to. */
export async function listenPanel(shopUrl: string, cookie: string) {
  const stopping = new AbortController()
  const response = await fetch(`${shopUrl}/panel/api/events`, {
    headers: { cookie, 'x-telekassa-panel': '1' },
    signal: stopping.signal,
  })
  let heard = ''
  const read = async () => {
    for await (const part of response.body!.pipeThrough(new TextDecoderStream())) heard += part
  }
  read().catch(() => {})
  await eventually(() => heard.includes('event: open'), { what: 'the stream is open' })
  return {
    /** How many times the stream said that something changed. */
    count: () => heard.split('event: change').length - 1,
    stop: () => stopping.abort(),
  }
}
