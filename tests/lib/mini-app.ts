import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import type { Shop } from './shop.ts'

export interface WebReply {
  status: number
  type: string
  // The tests check the shape of an answer where it matters.
  body: Record<string, any> // oxlint-disable-line typescript/no-explicit-any
}

/** What Telegram's client appends to the address of a Mini App for this person. */
export async function signedFor(
  telegramUrl: string,
  bot: string,
  person: number | bigint,
  url: string,
  theme?: Record<string, string>,
): Promise<string> {
  const response = await fetch(`${telegramUrl}/control/chats/${bot}/${person}/web_app`, {
    method: 'POST',
    body: JSON.stringify({ url, theme }),
  })
  return ((await response.json()) as { url: string }).url
}

export const initDataOf = (address: string): string =>
  new URLSearchParams(new URL(address).hash.slice(1)).get('tgWebAppData')!

export const newKey = (): string => randomBytes(32).toString('base64url')

/** Calls the pages' API as a page does, or as somebody does who is no page. */
export async function askWeb(
  shopUrl: string,
  key: string | undefined,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<WebReply> {
  const response = await fetch(`${shopUrl}/app/api${path}`, {
    method,
    headers: {
      ...(key && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const type = response.headers.get('content-type') ?? ''
  return { status: response.status, type, body: (await response.json()) as WebReply['body'] }
}

/** What the gateway answers when it refuses a page: the one shape of all errors. */
export const refused = (status: number, code: string) => ({
  status,
  type: expect.stringContaining('application/problem+json') as string,
  body: { status, code, detail: expect.any(String) as string },
})

/** People of a shop who have its page open, or are about to open it. */
export function guestsOf(shop: Shop) {
  async function visitor(profile: Parameters<typeof shop.person>[0] = {}) {
    const person = await shop.person(profile)
    const initData = initDataOf(
      await signedFor(shop.telegram.url, person.bot, person.id, 'https://shop.example/app'),
    )
    const key = newKey()
    const bot = person.bot === 'main_bot' ? 'main' : 'second'
    const open = (body: object = {}) =>
      askWeb(shop.url, undefined, 'POST', '/session', { bot, initData, key, ...body })
    /** Sends a file as a page does, also with the key of another page. */
    const upload = async (path: string, bytes: Uint8Array<ArrayBuffer>, as = key): Promise<WebReply> => {
      const reply = await fetch(`${shop.url}/app/api${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${as}`, 'content-type': 'application/octet-stream' },
        body: bytes,
      })
      const type = reply.headers.get('content-type') ?? ''
      return { status: reply.status, type, body: (await reply.json()) as WebReply['body'] }
    }
    return { ...person, initData, key, open, upload, ask: askWeb.bind(undefined, shop.url, key) }
  }
  async function guest(profile: Parameters<typeof shop.person>[0] = {}) {
    const one = await visitor(profile)
    expect((await one.open()).status).toBe(200)
    return one
  }
  return { visitor, guest }
}
