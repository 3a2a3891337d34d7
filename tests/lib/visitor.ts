import { eventually } from './eventually.ts'

export interface SeenMessage {
  message_id: number
  from: string
  text?: string
  caption?: string
  deleted: boolean
  photo?: { url: string }
  document?: { url: string }
  inline_keyboard?: { text: string; callback_data?: string; url?: string; copy_text?: { text: string } }[][]
  edits: unknown[]
}

/** A person in front of the simulated Telegram: reads, types and taps, and sees only what a person sees. */
export interface Visitor {
  say(text: string): Promise<void>
  /** @param more `caption`, `media_group_id` */
  sendPhoto(bytes: Buffer, more?: Record<string, string>): Promise<void>
  sendFile(bytes: Buffer, more?: Record<string, string>): Promise<void>
  /** Taps the newest button whose words match; answers with what the bot answered. */
  tap(words: RegExp): Promise<{ answered: boolean; text?: string; show_alert?: boolean }>
  /** The newest message of the bot whose text or caption matches, once there is one. */
  sees(words: RegExp): Promise<SeenMessage>
  messages(): Promise<SeenMessage[]>
}

export async function visit(
  telegramUrl: string,
  bot: string,
  person: { id: number; first_name: string; language_code?: string },
): Promise<Visitor> {
  const call = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(`${telegramUrl}/control${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    })
    const answer = (await response.json()) as T
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`)
    return answer
  }
  await call('POST', '/people', { language_code: 'ru', ...person })
  const chat = `/chats/${bot}/${person.id}`
  const messages = async () => (await call<{ messages: SeenMessage[] }>('GET', chat)).messages
  const words = (message: SeenMessage) => (message.text ?? message.caption ?? '').replaceAll('\u00a0', ' ')
  const alive = async () =>
    (await messages()).filter((one) => one.from === 'bot' && !one.deleted).toReversed()
  await call('POST', `${chat}/start`)
  return {
    messages,
    async say(text) {
      await call('POST', `${chat}/messages`, { text })
    },
    async sendPhoto(bytes, more) {
      await call('POST', `${chat}/messages`, { photo: bytes.toString('base64'), ...more })
    },
    async sendFile(bytes, more) {
      await call('POST', `${chat}/messages`, { document: bytes.toString('base64'), ...more })
    },
    sees: (wanted) =>
      eventually(async () => (await alive()).find((one) => wanted.test(words(one))), {
        what: `a message ${wanted}`,
      }),
    async tap(wanted) {
      const found = async () => {
        for (const message of await alive()) {
          const key = message.inline_keyboard
            ?.flat()
            .find((one) => one.callback_data && wanted.test(one.text.replaceAll('\u00a0', ' ')))
          if (key) return { message_id: message.message_id, data: key.callback_data }
        }
        return undefined
      }
      return eventually(
        async () => {
          const key = await found()
          // A screen that makes way for a newer one may go between the look and the press: look again.
          return key && call<Awaited<ReturnType<Visitor['tap']>>>('POST', `${chat}/callbacks`, key)
        },
        { what: `a button ${wanted}` },
      )
    },
  }
}
