import { eventually } from './eventually.ts'

export interface Key {
  text: string
  callback_data?: string
  url?: string
  copy_text?: { text: string }
}

/** A message as its chat shows it. Telegram's no-break spaces are plain spaces here, so that tests can write them. */
export interface Bubble {
  entities?: { type: string }[]
  effect?: string
  message_id: number
  date: number
  from: 'bot' | 'person' | 'service'
  text?: string
  caption?: string
  deleted: boolean
  photo?: { url: string; width: number; height: number }
  document?: { url: string; file_name: string; size: number }
  inline_keyboard?: Key[][]
  edits: { text?: string; caption?: string }[]
}

export interface Answer {
  answered: boolean
  text?: string
  show_alert?: boolean
}

export interface Paid {
  outcome: string
  charge_id: string
  error_message?: string
}

/** Telegram writes sums with no-break spaces. */
export const plain = (text = ''): string => text.replaceAll('\u00a0', ' ')

/** Words that are a part of a text, or a pattern that the text matches. */
export type Words = string | RegExp
const says = (text: string, words: Words): boolean =>
  typeof words === 'string' ? text.includes(words) : words.test(text)

/** Calls the control API of the simulated Telegram: `path` is what follows its address. */
export function controlOf(address: string) {
  return async function control<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<T> {
    const response = await fetch(`${address}${path}`, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    })
    const answer = (await response.json()) as T
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`)
    return answer
  }
}

/**
 * Opens the chat of a person with a bot. `address` is the control API of a simulator, `<url>/control`, or
 * `/sandbox/api/telegram` of a sandbox.
 */
export function openPhone(address: string, bot: string, id: number) {
  return phoneOf(controlOf(address), bot, id)
}

/** A new person at their phone: Telegram knows them, and they have started the bot. */
export async function visit(
  telegramUrl: string,
  bot: string,
  person: { id: number; first_name: string; language_code?: string },
  param = '',
): Promise<Phone> {
  const phone = openPhone(`${telegramUrl}/control`, bot, person.id)
  await phone.create({ language_code: 'ru', ...person })
  await phone.start(param)
  return phone
}

export type Phone = ReturnType<typeof phoneOf>

/**
 * A person's phone with one chat open: what the person sees in the chat with a bot, and what the person can
 * do there.
 */
export function phoneOf(control: ReturnType<typeof controlOf>, bot: string, id: number) {
  const chat = `/chats/${bot}/${id}`

  async function history(): Promise<Bubble[]> {
    const all = await control<{ messages: Bubble[] }>('GET', `${chat}?limit=200`)
    return all.messages.map(withPlainSpaces)
  }
  const messages = async () => (await history()).filter(({ deleted }) => !deleted)
  const told = async () => (await messages()).filter(({ from }) => from === 'bot').toReversed()

  async function findKey(words: Words, wanted: (key: Key) => unknown = () => true) {
    for (const message of await told()) {
      const key = message.inline_keyboard?.flat().find((one) => says(one.text, words) && wanted(one))
      if (key) return { message, key }
    }
    return undefined
  }

  /** Adds to the error of a wait what the person sees instead. */
  async function explain(error: unknown): Promise<never> {
    const shown = (await told()).slice(0, 3).map(({ text, caption, inline_keyboard: keys = [] }) => {
      const row = keys.flat().map((key) => `[${key.text}]`)
      return `${text ?? caption ?? ''}\n${row.join(' ')}`
    })
    throw new Error(`${(error as Error).message}; the last messages are:\n${shown.join('\n---\n')}`, {
      cause: error,
    })
  }
  const wait = <T>(what: string, condition: () => Promise<T>, timeoutMs?: number) =>
    eventually(condition, { what: `${id} ${what}`, ...(timeoutMs && { timeoutMs }) }).catch(explain)

  const tap = (message_id: number, data: string, timeout_ms?: number) =>
    control<Answer>('POST', `${chat}/callbacks`, { message_id, data, timeout_ms })
  const key = (words: Words) => wait(`sees the key ${words}`, () => findKey(words))
  const pay = (slug: string, decision = 'pay') =>
    control<Paid>('POST', `${chat}/payments`, { slug, decision })
  const replyKeys = async () => {
    const shown = await control<{
      replyKeyboard: { keyboard: { text: string; request_users?: { request_id: number } }[][] } | null
    }>('GET', chat)
    return shown.replyKeyboard?.keyboard.flat() ?? []
  }
  const send = (message: Record<string, unknown>) => control<Bubble>('POST', `${chat}/messages`, message)

  return {
    id,
    bot,
    control,
    /** All messages of the chat, the oldest first. */
    messages,
    /** The same with those that were deleted: the person may have read them before. */
    history,
    create: (person: object = {}) =>
      control('POST', '/people', { id, first_name: `P${id}`, language_code: 'en', ...person }),
    start: (param = '') => control('POST', `${chat}/start?param=${param}`),
    say: (text: string) => send({ text }),
    send,
    /** @param more `caption`, `media_group_id` */
    sendPhoto: (photo: Buffer, more?: Record<string, string>) =>
      send({ photo: photo.toString('base64'), ...more }),
    /** @param more `file_name`, `mime_type`, `caption` */
    sendFile: (file: Buffer, more?: Record<string, string>) =>
      send({ document: file.toString('base64'), ...more }),
    /** The newest message of the bot whose text or caption says this, once there is one. */
    hears: (words: Words, timeoutMs?: number) =>
      wait(
        `hears ${words}`,
        async () => (await told()).find(({ text, caption }) => says(text ?? caption ?? '', words)),
        timeoutMs,
      ),
    /** The newest key with these words and its message, once there is one. */
    key,
    /** The newest key with these words and its message, if there is one now. */
    find: findKey,
    /** Whether such a key is there now. */
    shows: async (words: Words) => (await findKey(words)) !== undefined,
    /** The keys of the newest message that has keys. */
    keys: async () => (await findKey(''))?.message.inline_keyboard?.flat() ?? [],
    /** Presses a key whose message and data the test knows. */
    tap,
    /** Presses the newest key with these words. */
    press: (words: Words) =>
      wait(`presses ${words}`, async () => {
        const found = await findKey(words, ({ callback_data }) => callback_data)
        // A screen may make way for a newer one between the look and the press; then the wait looks again.
        return found && tap(found.message.message_id, found.key.callback_data!)
      }),
    /** Presses a key with made-up data on the newest message that has keys, as a manipulated client would. */
    forge: async (data: string) => tap((await findKey(''))!.message.message_id, data),
    /** Pays the invoice behind a link. */
    pay,
    /** Pays the invoice behind the newest key with these words. */
    async payWith(words: Words) {
      const found = await wait(`sees the invoice ${words}`, () => findKey(words, ({ url }) => url))
      return pay(found.key.url!)
    },
    replyKeys,
    /** Picks people with the key of the reply keyboard that asks for them. */
    async pick(words: Words, people: (number | bigint)[]): Promise<void> {
      const asked = await wait(`sees ${words} on the keyboard`, async () =>
        (await replyKeys()).find(({ text }) => says(text, words)),
      )
      const users = people.map((one) => ({ user_id: Number(one) }))
      await send({ users_shared: { request_id: asked.request_users?.request_id, users } })
    },
  }
}

/**
 * Presses a key of a message that the test knows, also of one that the chat does not show any more.
 * @returns what the bot answered to the press
 */
export const pressKey = (
  telegramUrl: string,
  { person, message, words }: { person: number; message: Bubble; words: string },
): Promise<Response> =>
  fetch(`${telegramUrl}/control/chats/main_bot/${person}/callbacks`, {
    method: 'POST',
    body: JSON.stringify({
      message_id: message.message_id,
      data: message.inline_keyboard?.flat().find((one) => one.text.startsWith(words))?.callback_data,
    }),
  })

function withPlainSpaces(message: Bubble): Bubble {
  return {
    ...message,
    ...plainWords(message),
    edits: message.edits.map((edit) => ({ ...edit, ...plainWords(edit) })),
    ...(message.inline_keyboard && {
      inline_keyboard: message.inline_keyboard.map((row) =>
        row.map((key) => ({ ...key, text: plain(key.text) })),
      ),
    }),
  }
}

const plainWords = ({ text, caption }: { text?: string; caption?: string }) => ({
  ...(text !== undefined && { text: plain(text) }),
  ...(caption !== undefined && { caption: plain(caption) }),
})
