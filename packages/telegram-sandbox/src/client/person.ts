import type { Control } from './control.ts'

/** A message as its person sees it (README, "Message"). */
export interface ChatMessage {
  message_id: number
  from: 'bot' | 'person' | 'service'
  date: number
  deleted: boolean
  text?: string
  caption?: string
  inline_keyboard?: Button[][]
  reply_keyboard?: { keyboard: (Button | string)[][] }
  invoice?: { title: string; total_amount: number; slug: string; paid: number }
  edits: object[]
  [field: string]: unknown
}

interface Button {
  text: string
  callback_data?: string
  url?: string
  pay?: boolean
  callback_game?: object
  web_app?: { url: string }
}

interface Chat {
  messages: ChatMessage[]
  replyKeyboard: { keyboard: (Button | string)[][] } | null
}

/** What a press of a button led to: the bot's answer to the callback query. */
export interface Pressed {
  answered: boolean
  text?: string
  show_alert?: boolean
  url?: string
}

export interface Paid {
  outcome: 'paid' | 'refused' | 'timeout' | 'declined' | 'left'
  charge_id?: string
  error_message?: string
}

export interface InlineResult {
  type: string
  id: string
  [field: string]: unknown
}

export type Wanted = string | RegExp

/** Somebody who uses a bot. Each act of a person waits for what the act needs: a press waits until its button is on the screen. */
export interface Person {
  readonly id: number
  says(text: string): Promise<ChatMessage>
  /** The next message or edit of the bot that fits, among those after this person's last act. */
  hears(wanted?: Wanted): Promise<ChatMessage>
  /** Presses the newest button with that text, under a message or on the reply keyboard. */
  presses(button: Wanted): Promise<Pressed>
  /** Pays the newest invoice that is not paid, or the one of a link. */
  pays(options?: { link?: string; decision?: 'pay' | 'decline' | 'leave' }): Promise<Paid>
  sends(content: object): Promise<ChatMessage>
  edits(message: number, text: string): Promise<ChatMessage>
  forwards(message: number): Promise<ChatMessage>
  reacts(message: number, ...emoji: string[]): Promise<void>
  deletes(message: number): Promise<void>
  /** The address under which Telegram's clients open a Mini App for this person. */
  opens(url: string): Promise<string>
  /** Joins a group; with a link, by opening it. False if the bots were asked to decide first. */
  joins(group: number, link?: string): Promise<boolean>
  /** Types behind the bot's name, in the chat with it or in a group. @returns what the bot offers */
  asks(query: string, group?: number): Promise<InlineResult[]>
  chooses(result: InlineResult, query?: string, group?: number): Promise<void>
  leaves(group: number): Promise<void>
  /** Writes in a group. @returns the message's number there */
  saysIn(group: number, text: string, replyTo?: number): Promise<number>
  /** Everything that the person sees in a group, with the messages that are for them alone. */
  sees(group: number): Promise<ChatMessage[]>
  /** Presses the newest button with that text in a group. */
  pressesIn(group: number, button: Wanted): Promise<Pressed>
  /** Votes in a poll, by the numbers of its options; none = takes the vote back. */
  votes(message: number, ...options: number[]): Promise<void>
  blocks(): Promise<void>
  unblocks(): Promise<void>
  /** Every message of the chat that is still there. */
  messages(): Promise<ChatMessage[]>
}

const fits = (text: string | undefined, wanted: Wanted | undefined) =>
  wanted === undefined ||
  (text !== undefined && (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)))

const isButton = (button: Button | string, wanted: Wanted) => {
  const text = typeof button === 'string' ? button : button.text
  return typeof wanted === 'string' ? text === wanted : wanted.test(text)
}

/**
 * @param bot username of the bot that the person talks to
 * @param ready resolves once bot and person exist
 */
export function personOf(
  control: Control,
  id: number,
  bot: () => Promise<string>,
  patienceMs: number,
): Person {
  /** For each message that was heard, by its id: the number of its edits at that time. */
  let heard = new Map<number, number>()
  const path = async (rest: string) => `/chats/${await bot()}/${id}${rest}`
  const read = async () => control.call<Chat>('GET', await path('?limit=200'))
  const messages = async () => (await read()).messages.filter((message) => !message.deleted)
  /** What is on the screen now counts as heard. */
  const remember = async () => {
    heard = new Map((await messages()).map((message) => [message.message_id, message.edits.length]))
  }
  const act = async <T>(method: string, rest: string, body: object): Promise<T> => {
    const where = await path(rest)
    await remember()
    return control.call<T>(method, where, body)
  }
  const seen = async () => {
    const texts = (await messages()).slice(-5).map(({ from, text, caption }) => `${from}: ${text ?? caption}`)
    return texts.length > 0 ? `the chat ends with\n  ${texts.join('\n  ')}` : 'the chat is empty'
  }
  const wait = async <T>(check: () => Promise<T | undefined>, what: string): Promise<T> => {
    let last = ''
    return control.until(
      async () => {
        const found = await check()
        if (found === undefined) last = await seen()
        return found
      },
      patienceMs,
      () => `${what}; ${last}`,
    )
  }
  const member = (group: number, status: string) =>
    control.call<void>('PATCH', `/chats/${group}`, { members: { [id]: status } })
  const sees = async (group: number) => {
    await bot()
    return (await control.call<Chat>('GET', `/chats/${group}/seen/${id}`)).messages
  }
  const ofPerson = async (change: object) => {
    await bot()
    await control.call('PATCH', `/people/${id}`, change)
  }

  return {
    id,
    says: (text) => act('POST', '/messages', { text }),
    sends: (content) => act('POST', '/messages', content),
    edits: (message, text) => act('PATCH', `/messages/${message}`, { text }),
    forwards: (message) => act('POST', '/messages', { forward: message }),
    hears: (wanted) =>
      wait(
        async () => {
          const fresh = (await messages()).find(
            (message) =>
              message.from !== 'person' &&
              (heard.get(message.message_id) ?? -1) < message.edits.length &&
              fits(message.text ?? message.caption, wanted),
          )
          if (fresh) heard.set(fresh.message_id, fresh.edits.length)
          return fresh
        },
        `the bot did not say ${wanted === undefined ? 'anything' : String(wanted)}`,
      ),
    async presses(wanted) {
      const found = await wait(
        async () => {
          const { messages: all, replyKeyboard } = await read()
          for (const message of all.toReversed()) {
            const button = message.inline_keyboard?.flat().find((one) => isButton(one, wanted))
            if (button && !message.deleted) return { message, button }
          }
          const key = replyKeyboard?.keyboard.flat().find((one) => isButton(one, wanted))
          return key === undefined ? undefined : { key: typeof key === 'string' ? key : key.text }
        },
        `there is no button ${String(wanted)}`,
      )
      if (found.key !== undefined) {
        await act('POST', '/messages', { text: found.key })
        return { answered: false }
      }
      const { callback_data: data, url, web_app: app, callback_game: game } = found.button!
      if (game) return act('POST', '/callbacks', { message_id: found.message!.message_id, game: true })
      if (data === undefined) return { answered: false, ...((url ?? app) && { url: url ?? app?.url }) }
      return act('POST', '/callbacks', { message_id: found.message!.message_id, data })
    },
    async pays({ link, decision = 'pay' } = {}) {
      if (link !== undefined) return act('POST', '/payments', { slug: link, decision })
      const invoice = await wait(
        async () => (await messages()).findLast((message) => message.invoice?.paid === 0),
        'there is no unpaid invoice',
      )
      return act('POST', '/payments', { message_id: invoice.message_id, decision })
    },
    reacts: (message, ...emoji) => act('POST', `/messages/${message}/reactions`, { emoji }),
    deletes: (message) => act('DELETE', `/messages/${message}`, {}),
    async opens(url) {
      return (await act<{ url: string }>('POST', '/web_app', { url })).url
    },
    async joins(group, link) {
      await bot()
      if (link === undefined) {
        await member(group, 'member')
        return true
      }
      const body = { person: String(id), link }
      return (await control.call<{ joined: boolean }>('POST', `/chats/${group}/join`, body)).joined
    },
    async asks(query, group) {
      return (
        (await act<{ results?: InlineResult[] }>('POST', '/inline', { query, chat: group })).results ?? []
      )
    },
    chooses: (result, query = '', group) => act('POST', '/inline_choice', { result, query, chat: group }),
    leaves: (group) => member(group, 'left'),
    async saysIn(group, text, replyTo) {
      await bot()
      const body = { from: id, text, ...(replyTo !== undefined && { reply_to: replyTo }) }
      return (await control.call<{ message_id: number }>('POST', `/chats/${group}/messages`, body)).message_id
    },
    sees,
    async pressesIn(group, wanted) {
      const found = await wait(
        async () => {
          for (const message of (await sees(group)).toReversed()) {
            const button = message.inline_keyboard?.flat().find((one) => isButton(one, wanted))
            if (button && !message.deleted) return { message, button }
          }
          return undefined
        },
        `there is no button ${String(wanted)} in the group`,
      )
      const { message_id: message, ephemeral_message_id: ephemeral } = found.message
      const where = ephemeral === undefined ? { message_id: message } : { ephemeral_message_id: ephemeral }
      const { callback_data: data, url } = found.button
      if (data === undefined) return { answered: false, ...(url && { url }) }
      return control.call('POST', `/chats/${group}/callbacks`, { person: String(id), ...where, data })
    },
    votes: (message, ...options) => act('POST', `/messages/${message}/votes`, { options }),
    blocks: async () => ofPerson({ block: await bot() }),
    unblocks: async () => ofPerson({ unblock: await bot() }),
    messages,
  }
}
