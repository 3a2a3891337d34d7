import type { Update } from 'grammy/types'
import { z } from 'zod'
import { defineJob } from '../job.ts'

/** A Telegram update as it came, with the bot it came to. Checked no further than what routing needs. */
const update = z.object({
  bot: z.string(),
  update: z.looseObject({ update_id: z.number().int().nonnegative() }),
}) as unknown as z.ZodType<TelegramUpdate>
export interface TelegramUpdate {
  bot: string
  update: Update
}

const updateId = (job: TelegramUpdate) => `update-${job.bot}-${job.update.update_id}`

/** Everything people do in a chat, in order per chat. */
export const telegramUpdate = defineJob<TelegramUpdate>({
  name: 'telegram.update',
  queue: 'updates',
  payload: update,
  id: updateId,
  orderKey: (job) => `${job.bot} ${chatOf(job.update)}`,
  attempts: 4,
  backoffMs: 250,
})

/** Telegram cancels a payment whose pre-checkout is not answered within 10 s: a queue of its own, and no second try. */
export const telegramCheckout = defineJob<TelegramUpdate>({
  name: 'telegram.checkout',
  queue: 'checkout',
  payload: update,
  id: updateId,
  attempts: 2,
  backoffMs: 100,
})

/** The chat whose order an update keeps: where it happened, or else who did it. */
function chatOf(update: Update): string {
  for (const content of Object.values(update)) {
    if (typeof content !== 'object' || content === null) continue
    const { message, chat, from, user } = content as Record<string, { id?: number; chat?: { id?: number } }>
    const id = message?.chat?.id ?? chat?.id ?? from?.id ?? user?.id
    if (id !== undefined) return String(id)
  }
  return 'none'
}
