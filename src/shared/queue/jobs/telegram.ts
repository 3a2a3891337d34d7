import type { Message, Update } from 'grammy/types'
import { z } from 'zod'
import { chatOfUpdate } from '#shared/telegram/chat-of-update.ts'
import { ofInvoice } from '#shared/trace/trace.ts'
import { defineJob } from '../job.ts'

/** A Telegram update as it came, with the bot it came to. */
export interface TelegramUpdate {
  bot: string
  update: Update
  /** How many times the update was put aside because the database was away. */
  waited?: number
  /** The person had a role in this bot at the moment when the door accepted the update. */
  fromAdmin?: boolean
  /** The group in which an admin pressed a key or wrote; the update tells of it as of the admin's own chat. */
  group?: string
  /** The message of the group whose key was pressed there. */
  pressed?: PressedInGroup
}

/** What an act in the group changes of the alert below which its key stands. */
export type PressedInGroup = Pick<Message, 'message_id'> & {
  [Part in 'text' | 'entities' | 'caption' | 'caption_entities' | 'reply_markup']: Message[Part] | undefined
}

/** Only the fields that routing needs are checked, by hand instead of by zod, because every update passes here. */
const update = z.custom<TelegramUpdate>((value) => {
  const job = value as Partial<TelegramUpdate> | null
  const id = job?.update?.update_id
  return typeof job?.bot === 'string' && Number.isSafeInteger(id) && id! >= 0
}, 'not an update of a bot')

const updateId = (job: TelegramUpdate) => `update-${job.bot}-${job.update.update_id}`

/** Everything people do in a chat, in order per chat. */
export const telegramUpdate = defineJob<TelegramUpdate>({
  name: 'telegram.update',
  queue: 'updates',
  payload: update,
  id: updateId,
  sealed: true,
  orderKey: (job) => `${job.bot} ${chatOfUpdate(job.update)}`,
  ofAdmin: (job) => job.fromAdmin === true,
  attempts: 4,
  backoffMs: 250,
})

/**
 * Telegram cancels a payment if its pre-checkout is not answered within 10 s. So pre-checkouts have a queue of their
 * own and no second try.
 */
export const telegramCheckout = defineJob<TelegramUpdate>({
  name: 'telegram.checkout',
  queue: 'checkout',
  sealed: true,
  payload: update,
  id: updateId,
  about: ({ update: one }) => ofInvoice(one.pre_checkout_query?.invoice_payload),
  attempts: 2,
  backoffMs: 100,
})

/**
 * Somebody typed a bot's name in any chat and waits for its offers. The answer keeps no order and writes nothing, so the
 * query does not wait behind a chat. The next letter asks anew, so a lost query has no second try.
 */
export const telegramInline = defineJob<TelegramUpdate>({
  name: 'telegram.inline',
  queue: 'checkout',
  sealed: true,
  payload: update,
  id: updateId,
  attempts: 1,
  backoffMs: 100,
})

const chatNews = z.object({
  bot: z.string(),
  /** Ids as text: JSON has no bigint. */
  chat: z.string().regex(/^-\d{1,18}$/),
  /** The person who asks to join. Absent = the job is about the bot's own rights in the chat. */
  person: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional(),
  /** The invite link that the person used, as far as Telegram shows it to this bot. */
  link: z.string().max(300).optional(),
  /** The number of the update that reported the change, or the hour of a periodic check. */
  of: z.string(),
})
export type ChatNews = z.infer<typeof chatNews>

/** Something changed in a channel or group where the bot is a member. The bot may sell access to that chat. */
export const telegramChat = defineJob<ChatNews>({
  name: 'telegram.chat',
  queue: 'notices',
  sealed: true,
  payload: chatNews,
  id: (job) => `chat-${job.bot}-${job.chat.slice(1)}-${job.of}`,
  attempts: 8,
  backoffMs: 1_000,
})
