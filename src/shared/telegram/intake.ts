import type { Message, Update } from 'grammy/types'
import { starsArrived, starsPaid, starsRefunded } from '../queue/jobs/stars.ts'
import type { StarsCharge } from '../queue/jobs/stars.ts'
import { telegramChat, telegramCheckout, telegramInline, telegramUpdate } from '../queue/jobs/telegram.ts'
import type { PressedInGroup, TelegramUpdate } from '../queue/jobs/telegram.ts'
import type { Producer } from '../queue/producer.ts'
import { doorSpan, ofInvoice, traced } from '../trace/trace.ts'
import type { TraceSubject, Tracer } from '../trace/trace.ts'
import type { ServedBot } from './bots.ts'
import { chatOfUpdate } from './chat-of-update.ts'

/** The kinds of updates that the bots ask Telegram for; Telegram sends no others. */
export const ALLOWED_UPDATES = [
  'message',
  'edited_message',
  'callback_query',
  'pre_checkout_query',
  'my_chat_member',
  'chat_member',
  'subscription',
  'chat_join_request',
  'inline_query',
] as const

/** The bot that an update came to. */
export type BotAtDoor = Pick<ServedBot, 'name'> & Partial<Pick<ServedBot, 'hasRole'>>

export interface Intake {
  producer: Producer
  tracer?: Tracer
}

export function isUpdate(value: unknown): value is Update {
  const id = (value as Update | undefined)?.update_id
  return typeof value === 'object' && value !== null && Number.isSafeInteger(id) && id! >= 0
}

/**
 * Puts an update on the queue of its kind. A pre-checkout must be answered within 10 s and has a queue of its own, which
 * inline queries share; payments go to billing; all others keep the order of their chat, an admin's in partitions apart
 * from other people's. For somebody whose role is younger than two seconds the partition changes, and two of their
 * messages may be worked on at once. An update of an unknown shape goes to the chat's partition.
 * @throws Transient when the queue does not take the update
 */
export function enqueueUpdate(door: Intake, bot: BotAtDoor, update: Update): Promise<void> {
  return traced(
    door.tracer,
    () =>
      doorSpan('telegram update', subjectOf(update), {
        'telekassa.bot': bot.name,
        'telekassa.update': update.update_id,
      }),
    () => enqueue(door.producer, bot, update),
  )
}

function subjectOf({ message, pre_checkout_query }: Update): TraceSubject {
  const money = pre_checkout_query ?? message?.successful_payment ?? message?.refunded_payment
  return ofInvoice(money?.invoice_payload)
}

async function enqueue(producer: Producer, door: BotAtDoor, update: Update): Promise<void> {
  const bot = door.name
  if (update.pre_checkout_query) return producer.add(telegramCheckout, { bot, update })
  if (update.inline_query) return producer.add(telegramInline, { bot, update })
  const paid = charge(bot, update, update.message?.successful_payment)
  if (paid) {
    await producer.add(starsPaid, paid)
    return producer.add(starsArrived, paid)
  }
  const refunded = charge(bot, update, update.message?.refunded_payment)
  if (refunded) return producer.add(starsRefunded, refunded)
  const { chat_join_request: wish, my_chat_member: own } = update
  const news: Partial<NonNullable<typeof wish | typeof own>> | undefined = wish ?? own
  if (news && news.chat?.type !== 'private') {
    const parsed = telegramChat.payload.safeParse({
      bot,
      chat: String(news.chat?.id),
      ...(wish && { person: String(news.from?.id), link: wish.invite_link?.invite_link }),
      of: `update-${update.update_id}`,
    })
    if (parsed.success) return producer.add(telegramChat, parsed.data)
  }
  const inGroup = pressInGroup(door, update) ?? answerInGroup(door, update)
  if (inGroup) return producer.add(telegramUpdate, { bot, ...inGroup, fromAdmin: true })
  const fromAdmin = door.hasRole?.(chatOfUpdate(update)) ?? false
  return producer.add(telegramUpdate, { bot, update, ...(fromAdmin && { fromAdmin }) })
}

/**
 * A key below an alert in the admins' group is worked on in the order of the private chat of whoever pressed it. There
 * its page opens, because in the group others would read it. The number 0 says that no message of that chat was pressed.
 */
function pressInGroup(
  door: BotAtDoor,
  update: Update,
): Pick<TelegramUpdate, 'update' | 'group' | 'pressed'> | undefined {
  const { callback_query: press } = update
  const chat = press?.message?.chat
  if (!press || !chat || chat.type === 'private' || !door.hasRole?.(press.from.id)) return undefined
  const { id, first_name } = press.from
  const message = { message_id: 0, date: 0 as const, chat: { id, type: 'private' as const, first_name } }
  return {
    update: { ...update, callback_query: { ...press, message } },
    group: String(chat.id),
    // A message that Telegram no longer shows to bots cannot be changed either.
    ...(press.message?.date && { pressed: partsOf(press.message) }),
  }
}

function partsOf(message: Message): PressedInGroup {
  const { message_id, text, entities, caption, caption_entities, reply_markup } = message
  return { message_id, text, entities, caption, caption_entities, reply_markup }
}

/**
 * What an admin writes in a group in answer to a message of a bot is worked on in the order of the admin's own chat: so
 * it is known who writes, with which role, and one update is one answer. In a topic every message answers the one that
 * made the topic, unless it answers another.
 */
function answerInGroup(door: BotAtDoor, update: Update): { update: Update; group: string } | undefined {
  const kind = update.message ? 'message' : 'edited_message'
  const message = update[kind]
  const to = message?.reply_to_message
  if (!message?.from || message.chat.type === 'private' || message.sender_chat) return undefined
  if (!to?.from?.is_bot || to.forum_topic_created || !door.hasRole?.(message.from.id)) return undefined
  const { id, first_name } = message.from
  const chat = { id, type: 'private' as const, first_name }
  return { update: { ...update, [kind]: { ...message, chat } } as Update, group: String(message.chat.id) }
}

interface MoneyMoved {
  currency: string
  total_amount: number
  invoice_payload: string
  telegram_payment_charge_id: string
}

function charge(
  bot: string,
  { message, update_id }: Update,
  moved: MoneyMoved | undefined,
): StarsCharge | undefined {
  if (!message || moved?.currency !== 'XTR') return undefined
  const { chat, from } = message as Partial<Message>
  const personId = String(chat?.type === 'private' ? chat.id : from?.id)
  const parsed = starsPaid.payload.safeParse({
    bot,
    personId,
    chargeId: moved.telegram_payment_charge_id,
    stars: moved.total_amount,
    payload: moved.invoice_payload,
    updateId: update_id,
  })
  return parsed.data
}
