import { eventually } from './eventually.ts'

/** Sums are written with no-break spaces; tests with plain ones. */
const plain = (text = ''): string => text.replaceAll('\u00a0', ' ')

interface Key {
  text: string
  callback_data?: string
  url?: string
}
export interface Bubble {
  message_id: number
  from: 'bot' | 'person'
  text?: string
  deleted: boolean
  inline_keyboard?: Key[][]
}

/** Somebody in a chat with a bot of the Telegram simulator, as the sandbox's page would be. */
/** @param control the simulator's control API: its /control, or /sandbox/api/telegram of a running sandbox */
export function customer(control: string, bot: string, id: number) {
  const chat = `${control}/chats/${bot}/${id}`
  const call = async (method: string, url: string, body?: object): Promise<unknown> => {
    const response = await fetch(url, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    })
    const answer: unknown = await response.json()
    if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${JSON.stringify(answer)}`)
    return answer
  }
  const messages = async (): Promise<Bubble[]> => {
    const { messages: all } = (await call('GET', chat)) as { messages: Bubble[] }
    return all.filter((message) => !message.deleted)
  }
  const key = async (text: string): Promise<{ message: Bubble; key: Key } | undefined> => {
    for (const message of (await messages()).toReversed()) {
      const found = message.inline_keyboard?.flat().find((one) => plain(one.text).includes(text))
      if (found) return { message, key: found }
    }
    return undefined
  }
  return {
    id,
    messages,
    create: (person: object = {}) =>
      call('POST', `${control}/people`, {
        id,
        first_name: `P${id}`,
        language_code: 'en',
        ...person,
      }),
    start: (param?: string) => call('POST', `${chat}/start`, param ? { param } : {}),
    say: (text: string) => call('POST', `${chat}/messages`, { text }),
    /** Waits for a key and presses it. */
    async press(text: string): Promise<unknown> {
      return eventually(
        async () => {
          const found = await key(text)
          if (!found) return undefined
          const press = { message_id: found.message.message_id, data: found.key.callback_data }
          const answer = (await call('POST', `${chat}/callbacks`, press)) as { answered?: boolean }
          // A screen that makes way for a newer one may go between the look and the press: look again.
          return answer.answered === undefined ? undefined : answer
        },
        { what: `${id} presses ${text}` },
      )
    },
    /** Waits for a key with an invoice link and pays it. */
    async pay(text: string): Promise<{ outcome: string; charge_id?: string }> {
      const found = await eventually(() => key(text), {
        what: `${id} sees the key ${text}`,
        timeoutMs: 60_000,
      })
      const body = { invoice_link: found.key.url, decision: 'pay' }
      return (await call('POST', `${chat}/payments`, body)) as { outcome: string; charge_id?: string }
    },
    /** Waits until the bot has said this. */
    hears: (text: string, timeoutMs = 60_000) =>
      eventually(
        async () => (await messages()).find((one) => one.from === 'bot' && plain(one.text).includes(text)),
        {
          what: `${id} hears ${text}`,
          timeoutMs,
        },
      ),
  }
}
