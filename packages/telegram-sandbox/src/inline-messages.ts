import type { Place } from './chats.ts'
import { bad } from './errors.ts'
import { randomBytes } from './lib/crypto.ts'
import { int, text, type Params } from './params.ts'
import type { Bot, Stored, World } from './store.ts'

/** A message that somebody sent through a bot. The bot knows it by its id, and need not be in its chat. */
export interface InlineMessage {
  botId: number
  place: Place
  stored: Stored
}

/** The most that are kept; beyond them the oldest is as unknown as a deleted one. */
const MOST = 10_000
const DATA_CENTRE = 2

/** Makes the message known to its bot. @returns its id, made like Telegram's: data centre, chat, number and a hash */
export function nameInline(world: World, bot: Bot, place: Place, stored: Stored): string {
  const bytes = randomBytes(24)
  bytes.writeInt32LE(DATA_CENTRE, 0)
  bytes.writeBigInt64LE(BigInt(place.chat), 4)
  bytes.writeInt32LE(stored.api['message_id'] as number, 12)
  const id = bytes.toString('base64url')
  stored.inlineId = id
  world.inlineMessages.set(id, { botId: bot.id, place: { ...place, inline: true }, stored })
  if (world.inlineMessages.size > MOST) world.inlineMessages.delete(world.inlineMessages.keys().next().value!)
  return id
}

/** A call is about an inline message when it names no chat and no message in it ("telegram-bot-api", process_edit_message_text_query). */
export const isInline = (p: Params): boolean => !text(p, 'chat_id') && int(p, 'message_id') === 0

/** @throws bad in the words of TDLib (get_input_bot_inline_message_id); of Telegram's own server is the last */
export function inlineMessage(world: World, bot: Bot, p: Params): InlineMessage {
  const id = text(p, 'inline_message_id') ?? ''
  if (id === '') throw bad('message identifier is not specified')
  const bytes = Buffer.from(id, 'base64url')
  const isOne = /^[\w-]+$/.test(id) && (bytes.length === 20 || bytes.length === 24)
  const centre = isOne ? bytes.readInt32LE(0) : 0
  if (centre < 1 || centre > 1000) throw bad('invalid inline message identifier specified')
  const known = world.inlineMessages.get(id)
  if (known?.botId !== bot.id || known.stored.deleted) throw bad('MESSAGE_ID_INVALID')
  return known
}
