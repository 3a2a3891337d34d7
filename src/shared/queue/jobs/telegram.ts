import type { Update } from 'grammy/types'
import { z } from 'zod'
import { chatOfUpdate } from '#shared/telegram/chat-of-update.ts'
import { ofInvoice } from '#shared/trace/trace.ts'
import { defineJob } from '../job.ts'

/** A Telegram update as it came, with the bot it came to. */
export interface TelegramUpdate {
  bot: string
  update: Update
  /** How often it was put aside because the database was away. */
  waited?: number
  /** The person had a role in this bot when the door took it. */
  fromAdmin?: boolean
}

/** Checked no further than what routing needs, and by hand: this is the one payload that every update passes. */
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

/** Telegram cancels a payment whose pre-checkout is not answered within 10 s: a queue of its own, and no second try. */
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
