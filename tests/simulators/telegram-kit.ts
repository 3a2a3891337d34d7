import type { Update } from 'grammy/types'
import { listen } from '@telekassa/telegram-sandbox/lib/http'
import { Api, GrammyError, HttpError } from 'grammy'
import { expect, onTestFinished } from 'vitest'
import { startTelegram, type TelegramOptions } from '@telekassa/telegram-sandbox'

export const TOKEN = '100:AAshop'
export const ANNA = 7

export interface Message {
  message_id: number
  from: string
  text?: string
  deleted: boolean
  edits: { text?: string }[]
  [field: string]: unknown
}

/**
 * A simulator with one bot and one person who has pressed Start. Limits per chat are off unless a test asks for
 * them.
 * @param options.still the clock stands, and moves only when the test moves it
 */
export async function telegramFor({ still, ...options }: TelegramOptions & { still?: boolean } = {}) {
  const telegram = await startTelegram({
    bots: [{ token: TOKEN, username: 'shop_bot', name: 'Shop', stars: 100 }],
    ...options,
    settings: { chatPerSecond: 0, ...options.settings },
  })
  onTestFinished(() => telegram.close())
  async function control<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<T> {
    const response = await fetch(`${telegram.url}/control${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const answer = (await response.json()) as T
    if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(answer)}`)
    return answer
  }
  if (still) await control('PUT', '/clock', { stand: true })
  await control('POST', '/people', { id: ANNA, first_name: 'Анна', username: 'anna', started: ['shop_bot'] })
  const chat = async (bot = 'shop_bot', person = ANNA) =>
    (await control<{ messages: Message[] }>('GET', `/chats/${bot}/${person}`)).messages
  return {
    url: telegram.url,
    control,
    chat,
    api: new Api(TOKEN, { apiRoot: telegram.url }),
    apiOf: (token: string) => new Api(token, { apiRoot: telegram.url }),
    say: (text: string, person = ANNA) =>
      control<Message>('POST', `/chats/shop_bot/${person}/messages`, { text }),
    raw: (method: string, body: unknown, token = TOKEN) =>
      fetch(`${telegram.url}/bot${token}/${method}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      }),
  }
}

/** The refusal of a call: code, description and parameters. */
export async function refusal(call: Promise<unknown>) {
  const error: unknown = await call.then(
    () => undefined,
    (cause: unknown) => cause,
  )
  if (error instanceof GrammyError)
    return { code: error.error_code, text: error.description, parameters: error.parameters }
  if (error instanceof HttpError) return { code: 0, text: 'no reply', parameters: {} }
  throw new Error('the call was not refused', { cause: error })
}

export async function expectRefusal(call: Promise<unknown>, code: number, text: string) {
  const { code: gotCode, text: gotText } = await refusal(call)
  expect({ code: gotCode, text: gotText }).toEqual({ code, text })
}

/** Waits until `check` returns a value. */
export async function until<T>(
  check: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const deadline = performance.now() + 120_000
  while (performance.now() < deadline) {
    const found = await check()
    if (found !== undefined && found !== false) return found
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('it did not happen within 120 s')
}

export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

export interface Arrival {
  update: Update
  secret: string | undefined
  at: number
}

/** A webhook whose answers the test decides: a status, or a whole answer. */
export async function webhook(
  answer: (
    update: Update,
    arrivals: Arrival[],
  ) => number | { status?: number; headers?: object; body?: unknown } | Promise<number>,
) {
  const arrivals: Arrival[] = []
  const server = await listen(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const update = JSON.parse(Buffer.concat(chunks).toString()) as Update
    const secret = request.headers['x-telegram-bot-api-secret-token'] as string | undefined
    arrivals.push({ update, secret, at: Date.now() })
    const said = await answer(update, arrivals)
    const { status = 200, headers = {}, body } = typeof said === 'number' ? { status: said } : said
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers })
    response.end(body === undefined ? '' : JSON.stringify(body))
  })
  onTestFinished(() => server.close())
  return { url: `${server.url}/hook`, arrivals }
}
