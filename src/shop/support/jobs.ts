import { z } from 'zod'
import { defineJob, defineTick } from '#shared/queue/job.ts'

/** Deletes what people and support wrote longer ago than the setting says. */
export const forgetMessages = defineTick('upkeep.forget-messages', 60 * 60_000)

const seen = z.object({
  messageId: z.string(),
  /** The bot's message "sent to support", if the bot sent it only after support had read what the person wrote. */
  card: z.string().optional(),
})

/** Edits the bot's message "sent to support", so that it says that support has read what the person wrote. */
export const showRead = defineJob<z.infer<typeof seen>>({
  name: 'support.read',
  queue: 'notices',
  payload: seen,
  id: ({ messageId, card }) => ['support-read', messageId, ...(card ? [card] : [])].join('-'),
  attempts: 5,
  backoffMs: 1_000,
})
