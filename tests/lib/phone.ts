import { eventually } from './eventually.ts'

interface Key {
  text: string
  callback_data?: string
  url?: string
}

interface Message {
  message_id: number
  from: 'bot' | 'person' | 'service'
  deleted: boolean
  text?: string
  inline_keyboard?: Key[][]
  edits: { text?: string }[]
}

/** A person at their Telegram: what they see in the chat with a bot, and what they can do there. */
export function openPhone(telegramUrl: string, bot: string, person: number) {
  async function control<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${telegramUrl}/control${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const answer = (await response.json()) as T
    if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(answer)}`)
    return answer
  }
  const path = `/chats/${bot}/${person}`
  const messages = async () => {
    const chat = await control<{ messages: Message[] }>('GET', path)
    return chat.messages.filter((one) => one.from === 'bot' && !one.deleted)
  }
  const replyKeys = async () => {
    const chat = await control<{
      replyKeyboard: { keyboard: { text: string; request_users?: { request_id: number } }[][] } | null
    }>('GET', path)
    return chat.replyKeyboard?.keyboard.flat() ?? []
  }
  const keysOf = (message: Message | undefined) => message?.inline_keyboard?.flat() ?? []

  /** A failed wait shows what the person sees instead. */
  const explain = async (error: unknown): Promise<never> => {
    const shown = (await messages()).slice(-3).map((one) => {
      const keys = keysOf(one).map((key) => `[${key.text}]`)
      return `${one.text ?? ''}\n${keys.join(' ')}`
    })
    throw new Error(`${(error as Error).message}; the last messages are:\n${shown.join('\n---\n')}`, {
      cause: error,
    })
  }

  return {
    control,
    messages,
    say: (text: string) => control('POST', `${path}/messages`, { text }),
    start: (param = '') => control('POST', `${path}/start${param && `?param=${param}`}`, {}),
    /** Waits until a message of the bot reads like this. */
    see(pattern: RegExp): Promise<Message> {
      const found = async () => (await messages()).findLast((one) => pattern.test(one.text ?? ''))
      return eventually(found, { what: `the bot says ${pattern}` }).catch(explain)
    },
    /** Presses the newest key with these words, and answers with the toast or alert. */
    async press(pattern: RegExp): Promise<string> {
      const answer = await eventually(
        async () => {
          const message = (await messages()).findLast((one) =>
            keysOf(one).some((key) => pattern.test(key.text)),
          )
          const data = keysOf(message).find((one) => pattern.test(one.text))?.callback_data
          // A screen that makes way for a newer one may go between the look and the press: look again.
          const body = { message_id: message?.message_id, data }
          return data ? control<{ text?: string }>('POST', `${path}/callbacks`, body) : undefined
        },
        { what: `there is a key ${pattern} to press` },
      ).catch(explain)
      return answer.text ?? ''
    },
    /** Picks people with the key of the reply keyboard that asks for them. */
    async pick(pattern: RegExp, people: (number | bigint)[]): Promise<void> {
      const key = await eventually(async () => (await replyKeys()).find((one) => pattern.test(one.text)), {
        what: `there is a key ${pattern} on the keyboard`,
      })
      const users = people.map((id) => ({ user_id: Number(id) }))
      const shared = { request_id: key.request_users?.request_id, users }
      await control('POST', `${path}/messages`, { users_shared: shared })
    },
    replyKeys,
    async keys(): Promise<Key[]> {
      return keysOf((await messages()).findLast((one) => keysOf(one).length > 0))
    },
    /** Presses a key with made-up data, as a changed client would. */
    async forge(data: string): Promise<string> {
      const message = (await messages()).findLast((one) => keysOf(one).length > 0)!
      const body = { message_id: message.message_id, data }
      return (await control<{ text?: string }>('POST', `${path}/callbacks`, body)).text ?? ''
    },
    /** Pays the invoice behind a key that opens one. */
    async pay(pattern: RegExp): Promise<{ outcome: string }> {
      const key = await eventually(async () => {
        const all = (await messages()).flatMap(keysOf)
        return all.findLast((one) => pattern.test(one.text) && one.url)
      })
      return control('POST', `${path}/payments`, { slug: key.url })
    },
  }
}
