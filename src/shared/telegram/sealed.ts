import type { Message, Update } from 'grammy/types'
import type { QueueBackend } from '../queue/backend.ts'
import type { Secrets } from '../secrets.ts'

/**
 * Secrets that people type are encrypted before their update waits in any queue, because queues, Redis's file, the
 * board and dead letters hold jobs in clear text. An answer to a question for a secret is sealed as a whole; any other
 * text is sealed if it looks like a secret.
 */

/** A token from @BotFather, or a JWT. No other text that people type looks like these. */
const TOKEN = /\d{6,20}:[A-Za-z0-9_-]{30,100}/
const JWT = /eyJ[\w-]{8,500}\.[\w-]{8}/
/**
 * Twelve words in a row that could be the recovery phrase of a wallet. They may also be a prompt, so the handler of
 * the update opens and reads them.
 */
const PHRASE = /(?<![a-z])(?:[a-z]{3,8}[\s,]{1,3}){11}[a-z]{3,8}(?![a-z])/i
const SHORTEST = 37
const SEALED = 'sealed:'
const SEALED_FOR = 'a token that somebody typed'
/** The fields of Telegram's objects that hold what somebody wrote or named. */
const WRITTEN = new Set(['text', 'caption', 'url', 'query', 'file_name', 'title'])

type Kind = 'message' | 'edited_message'
const KINDS: readonly Kind[] = ['message', 'edited_message']
/** A sealed message: only the fields that routing needs are readable. */
type SealedMessage = Pick<Message, 'message_id' | 'date' | 'chat' | 'from'> & { sealed: string }

/** @param awaited the bot has asked this person for a secret: see `createAwaited` */
export function sealSecrets(secrets: Secrets, update: Update, awaited = false): Update {
  if (awaited) {
    for (const kind of KINDS) {
      const message = update[kind]
      if (message) return { ...update, [kind]: sealWhole(secrets, message) }
    }
  }
  return withTexts(update, (text) =>
    text.length >= SHORTEST && (TOKEN.test(text) || JWT.test(text) || PHRASE.test(text))
      ? sealedText(secrets, text)
      : text,
  )
}

const sealedText = (secrets: Secrets, text: string): string =>
  SEALED + secrets.encrypt(SEALED_FOR, text).toString('base64url')

/** Seals secrets in a form of a page that asks for no secret, so that none gets into a table in clear text. */
export const sealTyped = <T extends object>(secrets: Secrets, given: T): T =>
  Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      typeof value === 'string' && (TOKEN.test(value) || JWT.test(value))
        ? sealedText(secrets, value)
        : value,
    ]),
  ) as T

function sealWhole(secrets: Secrets, message: Message): SealedMessage {
  const { message_id, date, chat, from } = message
  const sealed = secrets.encrypt(SEALED_FOR, JSON.stringify(message)).toString('base64url')
  return { message_id, date, chat, ...(from && { from }), sealed }
}

/**
 * Opens an update that was sealed at the door.
 * @param awaited the handler asked for a secret. For all other handlers tokens stay sealed, so that none gets into a
 * table
 */
export function openSecrets(secrets: Secrets, update: Update, awaited: boolean): Update {
  let opened = update
  for (const kind of KINDS) {
    const { sealed } = (update[kind] ?? {}) as Partial<SealedMessage>
    const text = typeof sealed === 'string' ? open(secrets, sealed) : undefined
    if (text !== undefined) opened = { ...opened, [kind]: JSON.parse(text) as Message }
  }
  return withTexts(opened, (text) => {
    const plain = text.startsWith(SEALED) ? open(secrets, text.slice(SEALED.length)) : text
    if (plain === undefined || awaited || !(TOKEN.test(plain) || JWT.test(plain))) return plain ?? text
    return sealedText(secrets, plain)
  })
}

function open(secrets: Secrets, sealed: string): string | undefined {
  try {
    return secrets.decrypt(SEALED_FOR, Buffer.from(sealed, 'base64url'))
  } catch {
    return undefined
  }
}

/** The token inside a typed text, with or without words around it. */
export const tokenIn = (text: string | undefined): string | undefined => TOKEN.exec(text ?? '')?.[0]

function withTexts(update: Update, change: (text: string) => string): Update {
  return changed(update, change) as Update
}

/** Returns the same object if nothing in it changes, as in nearly every update. */
function changed(value: unknown, change: (text: string) => string, field = ''): unknown {
  if (typeof value === 'string') return WRITTEN.has(field) ? change(value) : value
  if (typeof value !== 'object' || value === null) return value
  let copy: Record<string, unknown> | unknown[] | undefined
  for (const [key, one] of Object.entries(value)) {
    const other = changed(one, change, Array.isArray(value) ? field : key)
    if (other === one) continue
    copy ??= Array.isArray(value) ? [...(value as unknown[])] : { ...value }
    ;(copy as Record<string, unknown>)[key] = other
  }
  return copy ?? value
}

/**
 * Knows whose next message will be a secret: the bot worker writes it and the door reads it, through Redis or within
 * the one process.
 */
export interface Awaited {
  /** @returns whether the content of this update must be sealed as a whole */
  by(bot: string, update: Update): Promise<boolean>
  set(bot: string, personId: bigint, awaited: boolean): Promise<void>
}

const KEPT_SECONDS = 30 * 86_400
const here = new WeakMap<object, Set<string>>()

export function createAwaited(backend: Pick<QueueBackend, 'redis' | 'key'>): Awaited {
  const { redis } = backend
  const local = here.get(backend) ?? new Set<string>()
  here.set(backend, local)
  const keyOf = (bot: string, personId: bigint | number) => backend.key(`secret-awaited:${bot}:${personId}`)
  return {
    async by(bot, update) {
      // A client may send any shape, and this runs before anything is parsed.
      const message = (update.message ?? update.edited_message) as Partial<Message> | undefined
      if (message?.chat?.type !== 'private' || !message.from?.id || message.successful_payment) return false
      // A command is no secret and ends the question; a payment message is not part of the conversation.
      if (message.refunded_payment || String(message.text ?? '').startsWith('/')) return false
      const key = keyOf(bot, message.from.id)
      if (!redis) return local.has(key)
      // If Redis is away, nobody knows whether a secret is awaited. So the text is sealed: sealing without need costs
      // nothing.
      return (await redis.exists(key).catch(() => 1)) > 0
    },
    async set(bot, personId, awaited) {
      const key = keyOf(bot, personId)
      if (!redis) return void (awaited ? local.add(key) : local.delete(key))
      await (awaited ? redis.set(key, '1', 'EX', KEPT_SECONDS) : redis.del(key))
    },
  }
}
